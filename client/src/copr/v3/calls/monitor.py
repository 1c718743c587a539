"""The call that shows the newest build of every package at once."""

from __future__ import annotations

from collections.abc import Sequence

from ..._calls import record
from ..._typing import TYPE_CHECKING
from ..._wire import Call

if TYPE_CHECKING:
    from ...results import Monitor


def monitor(
    ownername: str,
    projectname: str,
    project_dirname: str | None = None,
    additional_fields: Sequence[str] | str | None = None,
) -> Call[Monitor]:
    """Ask for the newest build of each package of a project, chroot by chroot.

    `ownername`: a user, or a group as "@name"; `project_dirname`: a directory of the project, as
    "project:custom:name"; `additional_fields`: "url_build_log", "url_backend_log" or "url_build", or a list
    of them.

    Returns a record with `packages`, each with `name` and `chroots`, which maps the chroot's name to a record
    with `build_id`, `state`, `status` and `pkg_version`.

    Raises CoprNoResultException where there is no such project, CoprRequestException where the service knows
    no such field, CoprConnectionException or CoprTimeoutException where there is no answer. Source: GET
    /monitor
    """
    fields = [additional_fields] if isinstance(additional_fields, str) else list(additional_fields or ())
    query = {
        "ownername": ownername,
        "projectname": projectname,
        "project_dirname": project_dirname,
        "additional_fields[]": fields or None,
    }
    return Call("GET", "/monitor", query=query, decode=record)
