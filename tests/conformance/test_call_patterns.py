"""Programs that call `copr` as public programs do see the same with our client as with a released one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from copr_local import LocalCopr

PROGRAM = Path(__file__).with_name("call_patterns.py")
CHROOTS = ("fedora-45-x86_64", "epel-10-x86_64")
RELEASED = {"v3": ("copr-cli", 13), "old": ("legacy client", 2)}


@pytest.mark.parametrize("api", RELEASED)
def test_what_they_see_is_the_same(api, environment, tmp_path):
    name, patterns = RELEASED[api]
    source = tmp_path / "hello-1.0-1.src.rpm"
    source.write_bytes(b"a source RPM")

    def seen_with(python):
        with LocalCopr(username="alice", chroots=CHROOTS, builds="scripted") as copr:
            command = [python, "-W", "ignore", PROGRAM, api, json.dumps(copr.config), source]
            done = subprocess.run(command, capture_output=True, text=True, timeout=250, check=True)
        return json.loads(done.stdout)

    released = seen_with(environment(name, "released").command("python"))
    assert len(released) == patterns
    assert not [each for each in released.values() if isinstance(each, str)]
    assert seen_with(sys.executable) == released
