"""How the builders' tests look at a build of one chroot."""

from __future__ import annotations

import os

import pytest

from copr_local.builders.rpmbuild import build_chroot
from copr_local.builders.tasks import BuildFailed

MACHINE = os.uname().machine


def log_of(task):
    return (task.directory / "builder-live.log").read_text()


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def fails(task, reason=None, **options):
    """The build fails, for one line's reason that also ends the log, and leaves nothing but the log."""
    with pytest.raises(BuildFailed, match=reason) as caught:
        build_chroot(task, **options)
    assert log_of(task).endswith(f"\nBuild failed: {caught.value}\n")
    assert names(task.directory) == ["builder-live.log", "builder-live.log.gz"]
    return str(caught.value)
