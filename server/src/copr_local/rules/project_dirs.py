"""Directories of projects, with the empty repositories that dnf can use at once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ..data.database import Transaction
from ..data.models import Project, ProjectDir
from . import checks, results


def make_repositories(tx: Transaction, directory: ProjectDir) -> None:
    """Create the missing repositories of a directory: one for each chroot, in devel mode also its `devel`.

    :param tx: transaction to write in.
    :param directory: directory of a project.
    :raises OSError: a file cannot be written, or a pending change of files cannot be carried out.
    """
    tx.settle(tx.data_folder.directory(directory.project.ownername, directory.name))
    for chroot in directory.project.chroots:
        repository = results.repository(tx, directory, chroot.name)
        for place in (repository, results.following(tx, directory, chroot.name)):
            tx.data_folder.create_repository(place)
        if chroot.comps is not None and not (repository / "comps.xml").exists():
            tx.data_folder.write(repository / "comps.xml", chroot.comps)
            tx.update_repository(results.following(tx, directory, chroot.name))


def check_dir(project: Project, name: str) -> ProjectDir | None:
    """Return a directory of a project, or check that it could be added.

    :param project: project of the directory.
    :param name: name of the directory, with the project's name at its start.
    :returns: the directory; None if it does not exist yet.
    :raises Invalid: it does not exist, and the name is not valid for a directory of this project.
    """
    for directory in project.dirs:
        if directory.name == name:
            return directory
    checks.directory_name(project, name)
    return None


def get_dir(tx: Transaction, project: Project, name: str) -> ProjectDir:
    """Return a directory of a project; add it if it does not exist.

    :param tx: transaction to write in.
    :param project: project of the directory.
    :param name: name of the directory, with the project's name at its start.
    :returns: the directory.
    :raises Invalid: it does not exist, and the name is not valid for a directory of this project.
    :raises OSError: the repositories of a new directory cannot be written.
    """
    if known := check_dir(project, name):
        return known
    directory = ProjectDir(name=name)
    project.dirs.append(directory)
    tx.session.flush()
    make_repositories(tx, directory)
    return directory


def make_repositories_of(tx: Transaction, directory_ids: Sequence[int]) -> None:
    """Create the missing repositories of directories, of each in a transaction of its own.

    :param tx: transaction to write in, for the first directory; those that follow it do the others.
    :param directory_ids: ids of the directories, at least one.
    :raises OSError: a file cannot be written, or a pending change of files cannot be carried out.
    """
    first, *rest = directory_ids
    directory = tx.session.get(ProjectDir, first)
    if directory is not None:
        make_repositories(tx, directory)
    if rest:
        tx.then(partial(make_repositories_of, directory_ids=rest))
