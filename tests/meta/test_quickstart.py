"""The README's first command, run as a newcomer runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def quickstart(home, **environment):
    return subprocess.run(
        [ROOT / "quickstart"],
        env={"PATH": os.environ["PATH"], "HOME": str(home), **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_quickstart_builds_a_package_and_shows_it(tmp_path):
    run = quickstart(tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    for sight in ("upload [####", "has succeeded", "tally counts right", "/usr/bin/tally", "Done."):
        assert sight in run.stdout
    # Program, library, header and guide, for each of two chroots; and as dnf sees them.
    assert run.stdout.count("/usr/share/doc/tally-doc/GUIDE.md") == 2
    assert run.stdout.count("    tally-libs 1.0-1") == 2
    if shutil.which("dnf") and shutil.which("dpkg"):
        assert "favourite uses the library of tally" in run.stdout
    else:
        assert "and cannot need one another" in run.stdout
    assert "Traceback" not in run.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def poor_path(tmp_path):
    """A PATH without rpmbuild, of somebody who is not root."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "dirname", "sort", "grep", "mkdir", "env", "apt-get", "bwrap", "git", "gcc", "make"):
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    python = folder / "python3"
    python.write_text('#!/bin/sh\nexec "$REAL_PYTHON" "$@"\n')
    python.chmod(0o755)
    identity = folder / "id"
    identity.write_text("#!/bin/sh\necho 1000\n")
    identity.chmod(0o755)
    return folder


def test_what_is_missing_and_may_not_be_installed_is_one_clear_line(tmp_path, poor_path):
    run = quickstart(tmp_path, PATH=str(poor_path), REAL_PYTHON=str(ROOT / ".venv/bin/python"))
    assert run.returncode == 1
    assert run.stdout == ""
    assert run.stderr == "This needs rpmbuild. Run as root, then again:  apt-get install -y rpm\n"
