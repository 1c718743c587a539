"""What only the older APIs ask: listings across projects, and what has happened in a project.

- A user's projects are those that the user made, for a group too.
- A project counts as built when there is a build of it, whatever became of that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, exists, func, not_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, Package, Project, User
from .listing import Page, cut
from .states import FINISHED, IN_A_BUILDERS_HANDS


@dataclass(frozen=True)
class Filter:
    """Which rows of a listing are wanted; None: of all.

    `made_by` is the user who made the project, or a group with its @; `is_finished`: whether all chroots of a
    build have ended.
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
    """How many builds are being imported, and how many chroots of builds run or wait for a builder."""

    importing: int
    running: int
    waiting: int


def projects_made_by(tx: Transaction, ownername: str) -> Sequence[Project]:
    """The projects that a user made, or a group's; those without builds first, then the last built first."""
    newest = select(func.max(Build.id)).where(Build.project_id == Project.id).scalar_subquery()
    query = select(Project).options(selectinload(Project.all_chroots)).where(_made_by(ownername))
    return tx.session.scalars(query.order_by(newest.desc().nulls_first(), Project.id)).all()


def projects(tx: Transaction, page: Page, wanted: Filter) -> Sequence[Project]:
    """Projects, in the order in which they were made."""
    query = select(Project).where(*_of_project(wanted)).order_by(Project.id)
    return tx.session.scalars(cut(query, page)).all()


def builds(tx: Transaction, page: Page, wanted: Filter) -> Sequence[Build]:
    """Builds, the newest first."""
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
        over = and_(Build.chroots.any(), ~Build.chroots.any(BuildChroot.ended_on.is_(None)))
        query = query.where(over if wanted.is_finished else not_(over))
    return tx.session.scalars(cut(query, page)).all()


def builds_of(tx: Transaction, packages: Iterable[Package]) -> dict[int, list[Build]]:
    """All builds of packages, the newest first, by the package's id."""
    ids = [package.id for package in packages]
    query = select(Build).where(Build.package_id.in_(ids)).order_by(Build.id.desc())
    found: dict[int, list[Build]] = {package_id: [] for package_id in ids}
    for build in tx.session.scalars(query.options(selectinload(Build.chroots))):
        if build.package_id is not None:
            found[build.package_id].append(build)
    return found


def build_chroots(tx: Transaction, page: Page, wanted: Filter) -> Sequence[BuildChroot]:
    """Chroots of builds: those that have not begun, then the others, each in the order of builds."""
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
    """What a filter says of a row's project."""
    said = []
    if wanted.made_by is not None:
        said.append(_made_by(wanted.made_by))
    if wanted.group is not None:
        said.append(Project.ownername == f"@{wanted.group}")
    if wanted.name is not None:
        said.append(Project.name == wanted.name)
    if wanted.project_id is not None:
        said.append(Project.id == wanted.project_id)
    return said


def like(wanted: Filter) -> list[ColumnElement[bool]]:
    """What a filter says of projects that words are looked for in: its names are parts of theirs, whatever
    the case; a group counts before a user."""
    said: list[ColumnElement[bool]] = []
    if wanted.group is not None:
        said += [
            Project.ownername.startswith("@"),
            Project.ownername.icontains(wanted.group, autoescape=True),
        ]
    elif wanted.made_by is not None:
        makers = select(User.id).where(User.name.icontains(wanted.made_by, autoescape=True))
        said.append(Project.user_id.in_(makers))
    if wanted.name is not None:
        said.append(Project.name.icontains(wanted.name, autoescape=True))
    return said


def _made_by(ownername: str) -> ColumnElement[bool]:
    if ownername.startswith("@"):
        return Project.ownername == ownername
    return Project.user_id.in_(select(User.id).where(User.name == ownername))


def built(tx: Transaction, projects: Iterable[Project]) -> set[int]:
    """The ids of those of the projects that have builds."""
    ids = [project.id for project in projects]
    has_builds = exists().where(Build.project_id == Project.id)
    return set(tx.session.scalars(select(Project.id).where(Project.id.in_(ids), has_builds)))


def last_success(tx: Transaction, project: Project) -> int | None:
    """When the newest build that succeeded came to its end: unix time, UTC; None if there is none."""
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
    """How much there is to do."""

    def count(condition: ColumnElement[bool]) -> int:
        return tx.session.scalar(select(func.count()).where(condition)) or 0

    return QueueLength(
        importing=count(Build.source_state == "importing"),
        running=count(BuildChroot.state.in_(IN_A_BUILDERS_HANDS)),
        waiting=count(BuildChroot.state == "pending"),
    )


def newest_build(tx: Transaction, project: Project, *, unfinished: bool = False) -> Build | None:
    """The newest build of a project, or the newest of those that are not over, if there is one."""
    query = select(Build).where(Build.project_id == project.id).order_by(Build.id.desc()).limit(1)
    return tx.session.scalar(query.where(Build.state.not_in(FINISHED)) if unfinished else query)
