"""Summaries for the first pages: the newest builds, and projects with the number of their builds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from ..data.database import Transaction
from ..data.models import Build, Project
from . import states


@dataclass(frozen=True)
class ProjectSummary:
    """A project with numbers about its builds.

    :param project: the project.
    :param builds: how many builds it has.
    :param newest: when the newest build was submitted, unix time in seconds, UTC; None without builds.
    """

    project: Project
    builds: int
    newest: int | None


def projects(
    tx: Transaction, ownername: str | None = None, *, limit: int | None = None, listed: bool = False
) -> list[ProjectSummary]:
    """Return projects with numbers about their builds; those with the newest builds come first.

    :param tx: transaction to read from.
    :param ownername: name of the user, or of the group with its @; None for all owners.
    :param limit: largest number of projects; None for all.
    :param listed: True to leave out projects that are hidden on the front page.
    :returns: the summaries; projects without builds come last.
    """
    of_project = Build.project_id == Project.id
    builds = select(func.count()).where(of_project).scalar_subquery()
    newest = select(Build.submitted_on).where(of_project).order_by(Build.id.desc()).limit(1).scalar_subquery()
    query = (
        select(Project, builds, newest)
        .options(selectinload(Project.all_chroots))
        .order_by(newest.desc().nulls_last(), Project.id.desc())
        .limit(limit)
    )
    if ownername is not None:
        query = query.where(Project.ownername == ownername)
    if listed:
        query = query.where(Project.unlisted_on_hp.is_(False))
    return [ProjectSummary(*row) for row in tx.session.execute(query)]


def newest_builds(
    tx: Transaction, limit: int, state: str | None = None, *, unfinished: bool = False
) -> Sequence[Build]:
    """Return the newest builds of all projects.

    :param tx: transaction to read from.
    :param limit: largest number of builds.
    :param state: only builds in this state; None for all.
    :param unfinished: True for only builds that have not finished.
    :returns: the builds, newest first.
    """
    query = (
        select(Build)
        .options(joinedload(Build.project, innerjoin=True), joinedload(Build.package), joinedload(Build.user))
        .order_by(Build.id.desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(Build.state == state)
    if unfinished:
        query = query.where(Build.state.in_(states.UNFINISHED))
    return tx.session.scalars(query).all()
