"""Pages of a listing: limit, offset, and the column to sort by.

A listing can be sorted by the columns of the real Copr frontend, under the names that they have there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast
from sqlalchemy.orm import InstrumentedAttribute

from ..data.column_types import Document
from ..data.models import Base, Build, BuildChroot, Package, Project
from .errors import RuleError

LARGEST = 2**63 - 1  # largest integer that a database can store


def _named(names: str, **ours: str) -> dict[str, str]:
    """Map column names of the real Copr frontend to ours: the `names` are the same in both."""
    return {name: name for name in names.split()} | ours


_COLUMNS: dict[type[Base], dict[str, str]] = {
    Project: _named(
        "id name homepage contact description instructions user_id group_id forked_from_id unlisted_on_hp"
        " persistent auto_prune isolation bootstrap follow_fedora_branching delete_after multilib"
        " module_hotfixes runtime_dependencies fedora_review appstream packit_forge_projects_allowed"
        " repo_priority",
        created_on="id",
        repos="additional_repos",
        build_enable_net="enable_net",
    ),
    Package: _named(
        "id name source_type webhook_rebuild max_builds timeout",
        copr_id="project_id",
        source_json="source",
        chroot_denylist_raw="chroot_denylist",
    ),
    Build: _named(
        "id submitted_on user_id package_id batch_id source_type timeout is_background enable_net bootstrap"
        " isolation",
        copr_id="project_id",
        copr_dir_id="dir_id",
        pkg_version="version",
        source_json="source",
        source_status="source_state",
        srpm_url="srpm",
    ),
    BuildChroot: _named("build_id started_on ended_on", id="name", mock_chroot_id="name", status="state"),
}
# Properties that the real Copr frontend computes, so that a database cannot sort by them.
_WORKED_OUT: dict[type[Base], str] = {
    Project: "full_name owner owner_name repo_url repos_list devel_mode enable_net delete_after_days",
    Package: "chroots last_build source_type_text chroot_denylist",
    Build: "state status started_on ended_on package_name repos_list source_state chroots",
    BuildChroot: "name state result_dir_url finished",
}


class CannotOrder(RuleError):
    """A property that a listing cannot be sorted by."""


@dataclass(frozen=True)
class Page:
    """The part of a listing that a client requests.

    :param limit: largest number of rows; None for all.
    :param offset: number of rows to skip.
    :param order: property to sort by, under its name in the real Copr frontend.
    :param descending: True to sort from the largest value to the smallest.
    """

    limit: int | None = None
    offset: int = 0
    order: str = "id"
    descending: bool = False


def order(page: Page, model: type[Base], called: str) -> ColumnElement[Any]:
    """Return what to sort a listing by.

    Rows without a value are the largest, as in the real Copr frontend. Lists are sorted by their texts.

    :param page: the requested page.
    :param model: table that is listed.
    :param called: name of the table in the text of the error.
    :returns: the column of `model` for `page.order`, with the direction.
    :raises CannotOrder: the table has no such column.
    """
    if page.order in _COLUMNS[model]:
        found: InstrumentedAttribute[Any] = getattr(model, _COLUMNS[model][page.order])
        column = cast(found, String) if isinstance(found.type, Document) else found
        if not model.__table__.columns[found.key].nullable:
            return column.desc() if page.descending else column.asc()
        return column.desc().nulls_first() if page.descending else column.asc().nulls_last()
    if page.order in _WORKED_OUT[model].split():
        raise CannotOrder(f"Cannot order by {page.order}")
    raise CannotOrder(f"Cannot order by {page.order}, {called} doesn't have such property")


def cut(query: Select[Any], page: Page) -> Select[Any]:
    """Limit a query to the rows of one page.

    :param query: the query, already sorted.
    :param page: the requested page; only its limit and offset are used.
    :returns: the limited query.
    """
    return query.limit(page.limit).offset(page.offset)
