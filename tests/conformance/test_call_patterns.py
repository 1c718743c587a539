"""Programs that call `copr` as public programs do see the same with our client as with a released one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from copr_local import LocalCopr

PROGRAMS = Path(__file__).parent
CHROOTS = ("fedora-45-x86_64", "epel-10-x86_64")
RELEASED = {"call_patterns.py": ("copr-cli", 15), "old_call_patterns.py": ("legacy client", 4)}


@pytest.mark.parametrize("program", RELEASED)
def test_what_they_see_is_the_same(program, environment, tmp_path):
    name, patterns = RELEASED[program]
    source = tmp_path / "hello-1.0-1.src.rpm"
    source.write_bytes(b"a source RPM")

    def seen_with(python):
        with LocalCopr(username="alice", chroots=CHROOTS, builds="scripted") as copr:
            command = [python, "-W", "ignore", PROGRAMS / program, json.dumps(copr.config), source]
            done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=True)
        return json.loads(done.stdout)

    released = seen_with(environment(name, "released").command("python"))
    assert len(released) == patterns
    assert not [each for each in released.values() if isinstance(each, str)]
    assert seen_with(sys.executable) == released
