"""The marker of the fixture `local_copr`, in a test run of its own: what is wrong with it, in one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TEST = """\
import pytest

@pytest.mark.local_copr({})
def test_something(local_copr):
    local_copr.script("hello", fails="no")
"""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            'build="scripted"',
            "@pytest.mark.local_copr(build=...) is not possible: it takes the arguments of LocalCopr, by "
            "name: data, host, port, username, chroots, ",
        ),
        ('"scripted"', "@pytest.mark.local_copr('scripted') is not possible: it takes the arguments of "),
        (
            'builds="quick"',
            "@pytest.mark.local_copr: builds='quick' is not possible: say 'real' or 'scripted'",
        ),
        (
            "",
            'start it as LocalCopr(builds="scripted"), or mark the test with @pytest.mark.local_copr(builds=',
        ),
    ],
)
def test_what_is_wrong_with_a_marker_is_said(arguments: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(TEST.format(arguments))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--strict-markers", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert said in done.stdout
    assert "TypeError" not in done.stdout
