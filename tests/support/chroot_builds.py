"""Helpers for tests of a build in one chroot."""

from __future__ import annotations

import os

import pytest

from copr_local.builders.chroot_build import build_chroot
from copr_local.builders.tasks import BuildFailed

MACHINE = os.uname().machine


def log_of(task):
    return (task.directory / "builder-live.log").read_text()


def names(directory):
    return sorted(path.name for path in directory.iterdir())


def fails(task, reason=None, **options):
    """Check that the build fails with a reason of one line, which also ends the log; it leaves no package."""
    with pytest.raises(BuildFailed, match=reason) as caught:
        build_chroot(task, **options)
    assert log_of(task).endswith(f"\nBuild failed: {caught.value}\n")
    assert all(name.endswith((".log", ".log.gz", ".spec")) for name in names(task.directory))
    return str(caught.value)
