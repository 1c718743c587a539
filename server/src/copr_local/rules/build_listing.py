"""The query for the builds of a project, which pages and the APIs extend by what they show of a build."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Select, select

from ..data.models import Build, Package, Project
from . import listing


def query(
    project: Project, page: listing.Page, package: str | None = None, state: str | None = None
) -> Select[tuple[Build]]:
    """Return a query for builds of a project, newest first.

    :param project: the project.
    :param page: limit and offset. The order is only checked. With `state`, the offset counts builds in all
        states, as in the real Copr frontend.
    :param package: name of the only package to list; None for all.
    :param state: the only state to list; None for all.
    :returns: a query that selects builds.
    :raises CannotOrder: builds cannot be sorted by the order of the page.
    """
    listing.order(page, Build, "build")
    wanted = select(Build).where(Build.project_id == project.id).order_by(Build.id.desc())
    if package:
        of_name = select(Package.id).where(Package.project_id == project.id, Package.name == package)
        wanted = wanted.where(Build.package_id == of_name.scalar_subquery())
    if state and page.offset:
        last_skipped = wanted.with_only_columns(Build.id).offset(page.offset - 1).limit(1)
        wanted = wanted.where(Build.id < last_skipped.scalar_subquery())
    if state:
        wanted, page = wanted.where(Build.state == state), replace(page, offset=0)
    return listing.cut(wanted, page)
