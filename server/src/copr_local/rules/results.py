"""Where the results of builds lie, and how they go away again.

Paths are worked out from the build, never stored. Whatever takes RPMs out of a repository also asks for its
metadata to be written again (`RepositoryUpdate`); the request is a row, so it outlives the process.
"""

from __future__ import annotations

from pathlib import Path

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, ProjectDir
from ..filesystem import layout


def repository(tx: Transaction, directory: ProjectDir, chroot: str) -> Path:
    """The repository of a project's folder for a chroot."""
    return tx.data_folder.directory(directory.project.ownername, directory.name, chroot)


def following(tx: Transaction, directory: ProjectDir, chroot: str) -> Path:
    """The repository that follows what is built there: in devel mode, the one in the folder `devel`."""
    published = repository(tx, directory, chroot)
    return published / layout.DEVEL if directory.project.devel_mode else published


def of_source(tx: Transaction, build: Build) -> Path:
    """The results of the build's source step."""
    return tx.data_folder.directory(
        build.project.ownername, build.dir.name, layout.SOURCE_BUILDS, layout.source_build(build.id)
    )


def of_chroot(tx: Transaction, chroot: BuildChroot) -> Path:
    """The results of one chroot of a build whose source step is over."""
    build = chroot.build
    assert build.package is not None
    return repository(tx, build.dir, chroot.name) / layout.chroot_build(build.id, build.package.name)


def discard_source(tx: Transaction, build: Build) -> None:
    """Take away what the source step made."""
    tx.discard(of_source(tx, build))


def discard_chroot(tx: Transaction, chroot: BuildChroot) -> None:
    """Take away what the build of a chroot made, if it ever started."""
    if chroot.started_on is not None:
        tx.discard(of_chroot(tx, chroot))
        tx.update_repository(following(tx, chroot.build.dir, chroot.name))


def discard_upload(tx: Transaction, build: Build) -> None:
    """Take away the uploaded file, which only the source step needs."""
    if "tmp" in build.source:
        tx.discard(tx.data_folder.uploads / build.source["tmp"])
