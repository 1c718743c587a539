"""What people look at first: the newest builds, and projects with how much is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from ..data.database import Transaction
from ..data.models import Build, Project


@dataclass(frozen=True)
class ProjectSummary:
    """A project, how many builds it has, and when the newest was submitted (unix time, UTC, seconds)."""

    project: Project
    builds: int
    newest: int | None


def projects(
    tx: Transaction, ownername: str | None = None, *, limit: int | None = None, listed: bool = False
) -> list[ProjectSummary]:
    """Projects, or those of an owner; those with the newest builds first.

    :param limit: how many at most.
    :param listed: leave out those that are not to be on a front page.
    """
    counted = (
        select(
            Build.project_id,
            func.count().label("builds"),
            func.max(Build.submitted_on).label("newest"),
        )
        .group_by(Build.project_id)
        .subquery()
    )
    query = (
        select(Project, func.coalesce(counted.c.builds, 0), counted.c.newest)
        .outerjoin(counted, counted.c.project_id == Project.id)
        .options(selectinload(Project.all_chroots))
        .order_by(counted.c.newest.desc().nulls_last(), Project.id.desc())
        .limit(limit)
    )
    if ownername is not None:
        query = query.where(Project.ownername == ownername)
    if listed:
        query = query.where(Project.unlisted_on_hp.is_(False))
    return [ProjectSummary(*row) for row in tx.session.execute(query)]


def newest_builds(tx: Transaction, limit: int, state: str | None = None) -> Sequence[Build]:
    """The newest builds of all projects, or those in one state."""
    query = (
        select(Build)
        .options(joinedload(Build.project, innerjoin=True), joinedload(Build.package), joinedload(Build.user))
        .order_by(Build.id.desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(Build.state == state)
    return tx.session.scalars(query).all()
