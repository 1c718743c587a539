"""A disk that is full for a while: the result of a build is not lost, and is written when there is room."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[1] / "support" / "full_disk.py"
ROOM = 12 * 1024**2  # bytes


@pytest.mark.parametrize(("step", "end"), [("source", "succeeded"), ("fedora-45-x86_64", "failed")])
def test_what_became_of_a_step_is_written_once_the_disk_has_room(tmp_path: Path, step: str, end: str) -> None:
    small = ["--size", str(ROOM), "--tmpfs", str(tmp_path)]
    command = ["bwrap", "--bind", "/", "/", "--dev-bind", "/dev", "/dev", *small]
    done = subprocess.run(
        [*command, sys.executable, str(PROGRAM), str(tmp_path), step],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["complaints"] >= 3
    assert told["states"][-1] == end
    assert told["threads"] == []
