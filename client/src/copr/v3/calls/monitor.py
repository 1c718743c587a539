"""The call that shows the newest build of every package of a project."""

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
    """Return the newest build of each package of a project, for each chroot.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :param additional_fields: one or a list of "url_build_log", "url_backend_log" and "url_build". These
        fields are added to each chroot.
    :returns: a record with `packages`. Each has `name` and `chroots`, which maps the name of a chroot to a
        record with `build_id`, `state`, `status` and `pkg_version`.
    :raises CoprNoResultException: the project or the directory does not exist.
    :raises CoprRequestException: the service does not know a field, or reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /monitor``
    """
    fields = [additional_fields] if isinstance(additional_fields, str) else list(additional_fields or ())
    query = {
        "ownername": ownername,
        "projectname": projectname,
        "project_dirname": project_dirname,
        "additional_fields[]": fields or None,
    }
    return Call("GET", "/monitor", query=query, decode=record)
