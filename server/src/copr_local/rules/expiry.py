"""Automatic removal of what has expired.

- Temporary projects expire (`delete_after_days`). A project that is protected against deletion stays.
- Chroots that a project has dropped expire.
- Directories for pull requests (`PROJECT:pr:1`) expire when nothing was submitted to them for a while.

Nothing is removed while it has unfinished builds. It is checked again the next time.
"""

from __future__ import annotations

import functools

from sqlalchemy import Integer, Select, bindparam, exists, func, literal, or_, select

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, Project, ProjectChroot, ProjectDir
from . import build_deletion, projects, results, states

PULL_REQUESTS_KEPT = 40 * 86_400  # seconds
_OF_A_PULL_REQUEST = ":pr:"


def is_anything_due(tx: Transaction) -> bool:
    """Return True if something has expired and can be removed now.

    :param tx: transaction to read in.
    :returns: True if `remove_due` would remove something.
    """
    return tx.session.scalar(_is_anything_expired(), {"now": tx.now}) is not None


def remove_due(tx: Transaction) -> None:
    """Remove everything that has expired, with its results.

    :param tx: transaction to write in; the files are removed after its commit. What has many builds is
        removed in the transactions that follow.
    """
    for_projects, for_chroots, for_directories = _expired()
    now = {"now": tx.now}
    for project in tx.session.scalars(for_projects, now).all():
        projects.remove(tx, project)
    for chroot in tx.session.scalars(for_chroots, now).all():
        for directory in chroot.project.dirs:
            tx.discard(results.repository(tx, directory, chroot.name))
        chroot.project.all_chroots.remove(chroot)
    for directory in tx.session.scalars(for_directories, now).all():
        if build_deletion.remove_rows(tx, Build, Build.dir_id == directory.id):
            tx.then(remove_due)  # it has expired without its builds, too
            continue
        tx.discard(tx.data_folder.directory(directory.project.ownername, directory.name))
        directory.project.dirs.remove(directory)
    tx.session.flush()


@functools.cache
def _is_anything_expired() -> Select[int]:
    """Return the query that finds anything that has expired at `now` and can be removed."""
    return select(literal(1)).where(or_(*(query.exists() for query in _expired())))


def of_directory(tx: Transaction, directory: ProjectDir) -> int | None:
    """Return the time when a directory for a pull request expires.

    :param tx: transaction to read in.
    :param directory: the project directory.
    :returns: unix time in seconds, UTC; None for other directories, which do not expire. The time
        has passed for a directory without builds.
    """
    if _OF_A_PULL_REQUEST not in directory.name:
        return None
    newest = select(func.max(Build.submitted_on)).where(Build.dir_id == directory.id)
    return (tx.session.scalar(newest) or 0) + PULL_REQUESTS_KEPT


# These are read after each commit, and a query takes longer to make than to run: so it is made once.
@functools.cache
def _expired() -> tuple[Select[Project], Select[ProjectChroot], Select[ProjectDir]]:
    """Return the queries for what has expired at `now` and can be removed."""
    now = bindparam("now", type_=Integer)
    of_project = exists().where(Build.project_id == Project.id, Build.state.in_(states.UNFINISHED))
    of_chroot = (
        exists()
        .where(Build.project_id == ProjectChroot.project_id, Build.id == BuildChroot.build_id)
        .where(BuildChroot.name == ProjectChroot.name)
        .where(or_(BuildChroot.state.not_in(states.FINISHED), Build.state.in_(states.UNFINISHED)))
    )
    of_directory = Build.dir_id == ProjectDir.id
    newer = exists().where(of_directory, Build.submitted_on > now - PULL_REQUESTS_KEPT)
    unfinished = exists().where(of_directory, Build.state.in_(states.UNFINISHED))
    is_for_pull_request = ProjectDir.name.contains(_OF_A_PULL_REQUEST, autoescape=True)
    return (
        select(Project).where(Project.delete_after <= now, ~Project.persistent, ~of_project),
        select(ProjectChroot).where(ProjectChroot.delete_after <= now, ~of_chroot),
        select(ProjectDir).where(is_for_pull_request, ~newer, ~unfinished),
    )
