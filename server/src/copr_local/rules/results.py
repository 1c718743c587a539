"""Where the results of builds lie, and how they go away again.

Paths are worked out from the build, never stored. Whatever takes RPMs out of a repository also asks for its
metadata to be written again (`RepositoryUpdate`); the request is a row, so it outlives the process.
"""

from __future__ import annotations

from pathlib import Path

from ..db import Transaction
from ..models import Build, BuildChroot, ProjectDir, RepositoryUpdate


def repository(tx: Transaction, directory: ProjectDir, chroot: str) -> Path:
    """The repository of a project's folder for a chroot."""
    return tx.storage.directory(directory.project.ownername, directory.name, chroot)


def following(tx: Transaction, directory: ProjectDir, chroot: str) -> Path:
    """The repository that follows what is built there: in devel mode, the one in the folder `devel`."""
    published = repository(tx, directory, chroot)
    return published / "devel" if directory.project.devel_mode else published


def of_source(tx: Transaction, build: Build) -> Path:
    """The results of the build's source step."""
    return tx.storage.directory(build.project.ownername, build.dir.name, "srpm-builds", f"{build.id:08d}")


def of_chroot(tx: Transaction, chroot: BuildChroot) -> Path:
    """The results of one chroot of a build whose source step is over."""
    build = chroot.build
    assert build.package is not None
    return repository(tx, build.dir, chroot.name) / f"{build.id:08d}-{build.package.name}"


def discard_source(tx: Transaction, build: Build) -> None:
    """Take away what the source step made."""
    tx.discard(of_source(tx, build))


def discard_chroot(tx: Transaction, chroot: BuildChroot) -> None:
    """Take away what the build of a chroot made, if it ever started."""
    if chroot.started_on is not None:
        tx.discard(of_chroot(tx, chroot))
        update_repository(tx, following(tx, chroot.build.dir, chroot.name))


def discard_upload(tx: Transaction, build: Build) -> None:
    """Take away the uploaded file, which only the source step needs."""
    if "tmp" in build.source:
        tx.discard(tx.storage.uploads / build.source["tmp"])


def update_repository(tx: Transaction, repository: Path) -> None:
    """Ask for the metadata of a repository to be written again."""
    tx.session.add(RepositoryUpdate(directory=tx.storage.relative(repository)))
