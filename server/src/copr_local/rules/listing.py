"""Pages of a listing: limit, offset, and the column to sort by.

What can be sorted by is what the original can sort by, under the names that its columns have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from ..data.models import Base, Build, BuildChroot, Package, Project
from .errors import RuleError

LARGEST = 2**63 - 1  # the largest number that SQLite holds


def _named(names: str, **ours: str) -> dict[str, str]:
    """Columns of the original, and what they are here: those of one name first."""
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
# What the original has, and works out: no database can sort by that.
_WORKED_OUT: dict[type[Base], str] = {
    Project: "full_name owner owner_name repo_url repos_list devel_mode enable_net delete_after_days",
    Package: "chroots last_build source_type_text chroot_denylist",
    Build: "state status started_on ended_on package_name repos_list source_state chroots",
    BuildChroot: "name state result_dir_url finished",
}


class CannotOrder(RuleError):
    """A listing cannot be sorted by this."""


@dataclass(frozen=True)
class Page:
    """Which rows of a listing are wanted: at most `limit` (None: all), after the first `offset`."""

    limit: int | None = None
    offset: int = 0
    order: str = "id"
    descending: bool = False


def column(page: Page, model: type[Base], called: str) -> InstrumentedAttribute[Any]:
    """The column by which a listing is to be sorted.

    :param called: what the model is called in the error's text.
    :raises CannotOrder: there is no such column.
    """
    if page.order in _COLUMNS[model]:
        found: InstrumentedAttribute[Any] = getattr(model, _COLUMNS[model][page.order])
        return found
    if page.order in _WORKED_OUT[model].split():
        raise CannotOrder(f"Cannot order by {page.order}")
    raise CannotOrder(f"Cannot order by {page.order}, {called} doesn't have such property")


def cut(query: Select[Any], page: Page) -> Select[Any]:
    """The query, for the rows of one page only."""
    return query.limit(page.limit).offset(page.offset)
