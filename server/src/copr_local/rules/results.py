"""The results of builds: their folders, and how they are removed.

Paths are computed from the build, and never stored. Each function that removes RPMs from a repository also
requests that its metadata is written again (`RepositoryUpdate`). The request is a row, so it survives the
process.
"""

from __future__ import annotations

from pathlib import Path

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, ProjectDir
from ..filesystem import layout


def repository(tx: Transaction, directory: ProjectDir, chroot: str) -> Path:
    """Return the repository of a chroot in a project's directory.

    :param tx: transaction that has the data folder.
    :param directory: directory of a project.
    :param chroot: name of the chroot.
    :returns: path of the folder.
    """
    return tx.data_folder.directory(directory.project.ownername, directory.name, chroot)


def following(tx: Transaction, directory: ProjectDir, chroot: str) -> Path:
    """Return the repository that lists all new builds.

    :param tx: transaction that has the data folder.
    :param directory: directory of a project.
    :param chroot: name of the chroot.
    :returns: path of the published repository; in devel mode, of its subfolder `devel`.
    """
    published = repository(tx, directory, chroot)
    return published / layout.DEVEL if directory.project.devel_mode else published


def of_source(tx: Transaction, build: Build) -> Path:
    """Return the folder with the results of a build's source step.

    :param tx: transaction that has the data folder.
    :param build: the build.
    :returns: path of the folder; it need not exist.
    """
    return tx.data_folder.directory(
        build.project.ownername, build.dir.name, layout.SOURCE_BUILDS, layout.source_build(build.id)
    )


def of_chroot(tx: Transaction, chroot: BuildChroot) -> Path:
    """Return the folder with the results of one chroot of a build.

    :param tx: transaction that has the data folder.
    :param chroot: chroot of a build whose source step has finished.
    :returns: path of the folder; it need not exist.
    """
    build = chroot.build
    assert build.package is not None
    return repository(tx, build.dir, chroot.name) / layout.chroot_build(build.id, build.package.name)


def discard_source(tx: Transaction, build: Build) -> None:
    """Remove the results of a build's source step.

    :param tx: transaction to write in; the folder is removed after its commit.
    :param build: the build.
    """
    tx.discard(of_source(tx, build))


def discard_chroot(tx: Transaction, chroot: BuildChroot) -> None:
    """Remove the results of one chroot of a build, if it was ever started.

    :param tx: transaction to write in; the folder is removed after its commit.
    :param chroot: chroot of a build.
    """
    if chroot.started_on is not None:
        tx.discard(of_chroot(tx, chroot))
        tx.update_repository(following(tx, chroot.build.dir, chroot.name))


def discard_upload(tx: Transaction, build: Build) -> None:
    """Remove the uploaded file of a build, if it has one; only the source step needs it.

    :param tx: transaction to write in; the file is removed after its commit.
    :param build: the build.
    """
    if "tmp" in build.source:
        tx.discard(tx.data_folder.uploads / build.source["tmp"])
