"""Calls on builds that exist: read, list, cancel and delete them. `submit` has those that submit builds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..._calls import listing, path, record
from ..._errors import CoprValidationException
from ..._list import List
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call, Plan, Together

if TYPE_CHECKING:
    from ...results import Build, BuiltPackages, DeletedBuilds, SourceBuildConfig, SourceChroot


def get(build_id: int) -> Call[Build]:
    """Return one build.

    :param build_id: id of the build.
    :returns: the build's record; times are unix time in seconds, UTC.
    :raises CoprNoResultException: no build has this id.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build/{build_id}``
    """
    return Call("GET", path("build", build_id), decode=record)


def get_many(build_ids: Iterable[int], at_once: int = 16) -> Plan[List[Build]]:
    """Return several builds.

    The requests are sent in parallel.

    :param build_ids: ids of the builds.
    :param at_once: largest number of parallel requests.
    :returns: a list of the builds' records, in the order of `build_ids`.
    :raises CoprValidationException: `build_ids` is a single id or a string.
    :raises CoprNoResultException: one of the builds does not exist.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build/{build_id}``
    """
    builds = yield Together([get(build_id) for build_id in several(build_ids)], at_once)
    return List(builds)


def get_source_chroot(build_id: int) -> Call[SourceChroot]:
    """Return the state of a build's first step, which makes the source RPM.

    :param build_id: id of the build.
    :returns: a record with `state` and `result_url` (URL of the folder with the step's results).
    :raises CoprNoResultException: no build has this id.
    :raises CoprRequestException: this step has not started yet, or the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build/source-chroot/{build_id}``
    """
    return Call("GET", path("build", "source-chroot", build_id), decode=record)


def get_source_build_config(build_id: int) -> Call[SourceBuildConfig]:
    """Return what a build's source RPM is made from.

    :param build_id: id of the build.
    :returns: a record with `source_type`, `source_dict`, `memory_limit` (MB), `timeout` (seconds) and
        `is_background`.
    :raises CoprNoResultException: no build has this id.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build/source-build-config/{build_id}``
    """
    return Call("GET", path("build", "source-build-config", build_id), decode=record)


def get_built_packages(build_id: int) -> Call[BuiltPackages]:
    """Return the packages that a build made, in all of its chroots.

    :param build_id: id of the build.
    :returns: a record that maps the name of each chroot to a record with `packages`. Each package has `name`,
        `epoch`, `version`, `release` and `arch`.
    :raises CoprNoResultException: no build has this id.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build/built-packages/{build_id}``
    """
    return Call("GET", path("build", "built-packages", build_id), decode=record)


def get_list(
    ownername: str,
    projectname: str,
    packagename: str | None = None,
    status: str | None = None,
    pagination: Mapping[str, Any] | None = None,
) -> Call[List[Build]]:
    """Return a project's builds, newest first.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param packagename: return only builds of this package.
    :param status: return only builds in this state, such as "succeeded".
    :param pagination: a dict with `limit` (builds on a page) and `offset` (builds before the page). The
        service ignores `order` here. Default: all builds.
    :returns: a list of builds' records; its `meta` has `limit`, `offset`, `order` and `order_type`.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a value, or reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build/list``
    """
    query = {
        "ownername": ownername,
        "projectname": projectname,
        "packagename": packagename,
        "status": status,
        **(pagination or {}),
    }
    return Call("GET", "/build/list", query=query, decode=listing)


def cancel(build_id: int) -> Call[Build]:
    """Cancel a build that has not finished.

    :param build_id: id of the build.
    :returns: the build's record.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: no build has this id.
    :raises CoprRequestException: the build has already finished, or the service reports another error.
    :raises CoprConnectionException: the service cannot be reached, or its response was lost. If the response
        was lost, the build may have been canceled.
    :raises CoprTimeoutException: the service does not respond in time. The build may have been canceled.
    :source: ``PUT /build/cancel/{build_id}``
    """
    # Not repeatable: a second request would report that the build has already finished.
    return Call("PUT", path("build", "cancel", build_id), login=True, decode=record)


def delete(build_id: int) -> Call[Build]:
    """Delete a finished build and its packages.

    :param build_id: id of the build.
    :returns: the build's record, as it was before.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: no build has this id.
    :raises CoprRequestException: the build has not finished, or the service reports another error.
    :raises CoprConnectionException: the service cannot be reached, or its response was lost. If the response
        was lost, the build may have been deleted.
    :raises CoprTimeoutException: the service does not respond in time. The build may have been deleted.
    :source: ``DELETE /build/delete/{build_id}``
    """
    # Not repeatable: a second DELETE would report that the build does not exist.
    return Call("DELETE", path("build", "delete", build_id), login=True, decode=record)


def delete_list(build_ids: Iterable[int]) -> Call[DeletedBuilds]:
    """Delete several finished builds of one project, and their packages.

    :param build_ids: ids of the builds. All must be of one project.
    :returns: a record with `builds`, the ids of the deleted builds.
    :raises CoprValidationException: `build_ids` is a single id or a string.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprRequestException: one of the builds does not exist or has not finished, or the service reports
        another error.
    :raises CoprConnectionException: the service cannot be reached, or its response was lost. If the response
        was lost, the builds may have been deleted.
    :raises CoprTimeoutException: the service does not respond in time. The builds may have been deleted.
    :source: ``DELETE /build/delete/list``
    """
    return Call(
        "DELETE", "/build/delete/list", json={"builds": several(build_ids)}, login=True, decode=record
    )


def several(build_ids: Iterable[int]) -> list[int]:
    """Return the ids of several builds as a list.

    :param build_ids: ids of the builds.
    :returns: the same ids, in the same order.
    :raises CoprValidationException: `build_ids` is a single id, or a string. Each digit of a string would be
        taken for an id.
    """
    if isinstance(build_ids, (str, bytes)) or not isinstance(build_ids, Iterable):
        raise CoprValidationException(
            f"{build_ids!r} is not a list of build ids. To pass one build, put its id into a list."
        )
    return list(build_ids)
