"""Queries of the older APIs only: listings across projects, and the history of a project.

- A user's projects are those that the user has created, including projects of groups.
- A project counts as built if it has any build, even a failed one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, Package, Project, User
from .listing import Page, cut
from .states import IN_A_BUILDERS_HANDS, UNFINISHED


@dataclass(frozen=True)
class Filter:
    """Conditions for the rows of a listing. None means no condition.

    :param made_by: name of the user who created the project, or `@` and the name of the group that owns it.
    :param group: name of the group that owns the project, without `@`.
    :param name: name of the project.
    :param project_id: id of the project.
    :param build_id: id of the build; only for chroots of builds.
    :param state: state of the chroot; only for chroots of builds.
    :param is_finished: True for builds in which all chroots have finished, False for all others; only for
        builds.
    """

    made_by: str | None = None
    group: str | None = None
    name: str | None = None
    project_id: int | None = None
    build_id: int | None = None
    state: str | None = None
    is_finished: bool | None = None


@dataclass(frozen=True)
class QueueLength:
    """Lengths of the queues of all projects.

    :param importing: number of builds that are being imported.
    :param running: number of chroots of builds that a builder works on.
    :param waiting: number of chroots of builds that wait for a builder.
    """

    importing: int
    running: int
    waiting: int


def projects_made_by(tx: Transaction, ownername: str) -> Sequence[Project]:
    """Return the projects that a user has created, or the projects of a group.

    :param tx: transaction to read in.
    :param ownername: name of the user, or `@` and the name of the group.
    :returns: first the projects without builds, then the others, those with the newest builds first.
    """
    newest = select(func.max(Build.id)).where(Build.project_id == Project.id).scalar_subquery()
    query = select(Project).options(selectinload(Project.all_chroots)).where(_made_by(ownername))
    return tx.session.scalars(query.order_by(newest.desc().nulls_first(), Project.id)).all()


def projects(tx: Transaction, page: Page, wanted: Filter) -> Sequence[Project]:
    """Return projects, ordered by id.

    :param tx: transaction to read in.
    :param page: limit and offset; its order is ignored.
    :param wanted: conditions on the projects.
    :returns: the projects of the page.
    """
    query = select(Project).where(*_of_project(wanted)).order_by(Project.id)
    return tx.session.scalars(cut(query, page)).all()


def builds(tx: Transaction, page: Page, wanted: Filter) -> Sequence[Build]:
    """Return builds, newest first.

    :param tx: transaction to read in.
    :param page: limit and offset; its order is ignored.
    :param wanted: conditions on the builds and their projects.
    :returns: the builds of the page.
    """
    query = (
        select(Build)
        .join(Build.project)
        .where(*_of_project(wanted))
        .order_by(Build.id.desc())
        .options(
            contains_eager(Build.project),
            joinedload(Build.user),
            joinedload(Build.dir, innerjoin=True),
            joinedload(Build.package),
            selectinload(Build.chroots),
        )
    )
    if wanted.is_finished is not None:
        over = Build.ended_on.is_not(None)
        query = query.where(over if wanted.is_finished else ~over)
    return tx.session.scalars(cut(query, page)).all()


def builds_of(tx: Transaction, packages: Iterable[Package]) -> dict[int, list[Build]]:
    """Return all builds of packages.

    :param tx: transaction to read in.
    :param packages: the packages.
    :returns: the builds by package id, newest first; an empty list for a package without builds.
    """
    ids = [package.id for package in packages]
    query = select(Build).where(Build.package_id.in_(ids)).order_by(Build.id.desc())
    found: dict[int, list[Build]] = {package_id: [] for package_id in ids}
    for build in tx.session.scalars(query.options(selectinload(Build.chroots))):
        if build.package_id is not None:
            found[build.package_id].append(build)
    return found


def build_chroots(tx: Transaction, page: Page, wanted: Filter) -> Sequence[BuildChroot]:
    """Return chroots of builds: first those that have not started, then the others, each ordered by build id.

    :param tx: transaction to read in.
    :param page: limit and offset; its order is ignored.
    :param wanted: conditions on the chroots, their builds and projects.
    :returns: the chroots of the page.
    """
    query = (
        select(BuildChroot)
        .join(BuildChroot.build)
        .join(Build.project)
        .where(*_of_project(wanted))
        .order_by(BuildChroot.started_on.is_not(None), BuildChroot.build_id, BuildChroot.name)
        .options(
            contains_eager(BuildChroot.build).options(
                contains_eager(Build.project), joinedload(Build.dir), joinedload(Build.package)
            )
        )
    )
    if wanted.build_id is not None:
        query = query.where(BuildChroot.build_id == wanted.build_id)
    if wanted.state is not None:
        query = query.where(BuildChroot.state == wanted.state)
    return tx.session.scalars(cut(query, page)).all()


def _of_project(wanted: Filter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter on projects."""
    conditions = []
    if wanted.made_by is not None:
        conditions.append(_made_by(wanted.made_by))
    if wanted.group is not None:
        conditions.append(Project.ownername == f"@{wanted.group}")
    if wanted.name is not None:
        conditions.append(Project.name == wanted.name)
    if wanted.project_id is not None:
        conditions.append(Project.id == wanted.project_id)
    return conditions


def like(wanted: Filter) -> list[ColumnElement[bool]]:
    """Return the conditions of a filter for a search of projects: its names are parts of theirs, in any case.

    :param wanted: the filter; only `group`, `made_by` and `name` are used, and `made_by` only without
        `group`.
    :returns: conditions on `Project`.
    """
    conditions: list[ColumnElement[bool]] = []
    if wanted.group is not None:
        conditions += [
            Project.ownername.startswith("@"),
            Project.ownername.icontains(wanted.group, autoescape=True),
        ]
    elif wanted.made_by is not None:
        makers = select(User.id).where(User.name.icontains(wanted.made_by, autoescape=True))
        conditions.append(Project.user_id.in_(makers))
    if wanted.name is not None:
        conditions.append(Project.name.icontains(wanted.name, autoescape=True))
    return conditions


def _made_by(ownername: str) -> ColumnElement[bool]:
    """Return the condition that a user has created a project, or that a group owns it."""
    if ownername.startswith("@"):
        return Project.ownername == ownername
    return Project.user_id.in_(select(User.id).where(User.name == ownername))


def built(tx: Transaction, projects: Iterable[Project]) -> set[int]:
    """Return which of some projects have builds.

    :param tx: transaction to read in.
    :param projects: the projects.
    :returns: ids of the projects with builds.
    """
    ids = [project.id for project in projects]
    has_builds = exists().where(Build.project_id == Project.id)
    return set(tx.session.scalars(select(Project.id).where(Project.id.in_(ids), has_builds)))


def last_success(tx: Transaction, project: Project) -> int | None:
    """Return the time when the newest successful build of a project finished.

    :param tx: transaction to read in.
    :param project: the project.
    :returns: unix time in seconds, UTC; None if no build has succeeded.
    """
    newest = (
        select(Build.id)
        .where(Build.project_id == project.id, Build.state == "succeeded")
        .order_by(Build.id.desc())
        .limit(1)
    )
    return tx.session.scalar(
        select(func.max(BuildChroot.ended_on)).where(BuildChroot.build_id == newest.scalar_subquery())
    )


def queue_length(tx: Transaction) -> QueueLength:
    """Return how many builds and chroots are waiting or running in all projects.

    :param tx: transaction to read in.
    :returns: the numbers.
    """

    def count(condition: ColumnElement[bool]) -> int:
        return tx.session.scalar(select(func.count()).where(condition)) or 0

    return QueueLength(
        importing=count(Build.source_state == "importing"),
        running=count(BuildChroot.state.in_(IN_A_BUILDERS_HANDS)),
        waiting=count(BuildChroot.state == "pending"),
    )


def newest_build(tx: Transaction, project: Project, *, unfinished: bool = False) -> Build | None:
    """Return the newest build of a project.

    :param tx: transaction to read in.
    :param project: the project.
    :param unfinished: True to return the newest of the unfinished builds.
    :returns: the build; None if the project has no such build.
    """
    newest = select(func.max(Build.id)).where(Build.project_id == project.id)
    if unfinished:
        newest = newest.where(Build.state.in_(UNFINISHED))
    return tx.session.scalar(select(Build).where(Build.id == newest.scalar_subquery()))
