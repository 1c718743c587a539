"""Automatic removal of what has expired.

- Temporary projects expire (`delete_after_days`). A project that is protected against deletion stays.
- Chroots that a project has dropped expire.
- Directories for pull requests (`PROJECT:pr:1`) expire when nothing was submitted to them for a while.

Nothing is removed while it has unfinished builds. It is checked again the next time.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, func, or_, select

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, Project, ProjectChroot, ProjectDir
from . import projects, results, states

PULL_REQUESTS_KEPT = 40 * 86_400  # seconds
_OF_A_PULL_REQUEST = ":pr:"


def is_anything_due(tx: Transaction) -> bool:
    """Return True if something has expired and can be removed now.

    :param tx: transaction to read in.
    :returns: True if `remove_due` would remove something.
    """
    return bool(_projects(tx) or _chroots(tx) or _directories(tx))


def remove_due(tx: Transaction) -> None:
    """Remove everything that has expired, with its results.

    :param tx: transaction to write in; the files are removed after its commit.
    """
    for project in _projects(tx):
        projects.remove(tx, project)
    for chroot in _chroots(tx):
        for directory in chroot.project.dirs:
            tx.discard(results.repository(tx, directory, chroot.name))
        chroot.project.all_chroots.remove(chroot)
    for directory in _directories(tx):
        tx.discard(tx.data_folder.directory(directory.project.ownername, directory.name))
        directory.project.dirs.remove(directory)
    tx.session.flush()


def of_directory(tx: Transaction, directory: ProjectDir) -> int | None:
    """Return the time when a directory for a pull request expires.

    :param tx: transaction to read in.
    :param directory: the project directory.
    :returns: unix time in seconds, UTC; None for other directories, which do not expire.
    """
    if _OF_A_PULL_REQUEST not in directory.name:
        return None
    newest = select(func.max(Build.submitted_on)).where(Build.dir_id == directory.id)
    return (tx.session.scalar(newest) or 0) + PULL_REQUESTS_KEPT


def _projects(tx: Transaction) -> Sequence[Project]:
    """Return the expired projects that can be removed now."""
    unfinished = exists().where(Build.project_id == Project.id, Build.state.not_in(states.FINISHED))
    due = select(Project).where(Project.delete_after <= tx.now, ~Project.persistent, ~unfinished)
    return tx.session.scalars(due).all()


def _chroots(tx: Transaction) -> Sequence[ProjectChroot]:
    """Return the expired chroots of projects that can be removed now."""
    unfinished = (
        exists()
        .where(Build.project_id == ProjectChroot.project_id, Build.id == BuildChroot.build_id)
        .where(BuildChroot.name == ProjectChroot.name)
        .where(or_(BuildChroot.state.not_in(states.FINISHED), Build.state.not_in(states.FINISHED)))
    )
    due = select(ProjectChroot).where(ProjectChroot.delete_after <= tx.now, ~unfinished)
    return tx.session.scalars(due).all()


def _directories(tx: Transaction) -> Sequence[ProjectDir]:
    """Return the expired directories for pull requests that can be removed now."""
    builds_of = Build.dir_id == ProjectDir.id
    newer = exists().where(builds_of, Build.submitted_on > tx.now - PULL_REQUESTS_KEPT)
    unfinished = exists().where(builds_of, Build.state.not_in(states.FINISHED))
    named = ProjectDir.name.contains(_OF_A_PULL_REQUEST, autoescape=True)
    return tx.session.scalars(select(ProjectDir).where(named, ~newer, ~unfinished)).all()
