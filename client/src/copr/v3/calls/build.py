"""Calls on builds that are there: look, list, cancel, delete. Submitting them is in `submit`."""

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
    """Ask for a build.

    `build_id`: its number.

    Returns the build's record, with its times in unix time, UTC.

    Raises CoprNoResultException where there is no such build, CoprConnectionException or CoprTimeoutException
    where there is no answer. Source: GET /build/ID
    """
    return Call("GET", path("build", build_id), decode=record)


def get_many(build_ids: Iterable[int], at_once: int = 16) -> Plan[List[Build]]:
    """Ask for many builds, side by side.

    `build_ids`: their numbers; `at_once`: how many connections to use at most.

    Returns a list of the builds' records, in the order of their numbers as given.

    Raises what `get` raises for the first of them that cannot be had, CoprValidationException where
    `build_ids` is one number or a text. Source: GET /build/ID
    """
    builds = yield Together([get(build_id) for build_id in several(build_ids)], at_once)
    return List(builds)


def get_source_chroot(build_id: int) -> Call[SourceChroot]:
    """Ask for the part of a build that makes its source RPM.

    `build_id`: the build's number.

    Returns a record with `state` and `result_url`.

    Raises CoprNoResultException where there is no such build, CoprRequestException before that part has
    begun, CoprConnectionException or CoprTimeoutException where there is no answer. Source: GET
    /build/source-chroot/ID
    """
    return Call("GET", path("build", "source-chroot", build_id), decode=record)


def get_source_build_config(build_id: int) -> Call[SourceBuildConfig]:
    """Ask what a build's source RPM is made of.

    `build_id`: the build's number.

    Returns a record with `source_type`, `source_dict`, `memory_limit` (MB), `timeout` (seconds) and
    `is_background`.

    Raises CoprNoResultException where there is no such build, CoprConnectionException or CoprTimeoutException
    where there is no answer. Source: GET /build/source-build-config/ID
    """
    return Call("GET", path("build", "source-build-config", build_id), decode=record)


def get_built_packages(build_id: int) -> Call[BuiltPackages]:
    """Ask for the packages that a build made.

    `build_id`: the build's number.

    Returns a record that maps each chroot's name to a record with `packages`, each with `name`, `epoch`,
    `version`, `release` and `arch`.

    Raises CoprNoResultException where there is no such build, CoprConnectionException or CoprTimeoutException
    where there is no answer. Source: GET /build/built-packages/ID
    """
    return Call("GET", path("build", "built-packages", build_id), decode=record)


def get_list(
    ownername: str,
    projectname: str,
    packagename: str | None = None,
    status: str | None = None,
    pagination: Mapping[str, Any] | None = None,
) -> Call[List[Build]]:
    """Ask for a project's builds, newest first.

    `ownername`: a user, or a group as "@name"; `packagename`, `status` (a build's `state`): only such builds;
    `pagination`: `limit` and `offset` (counts). The service ignores `order` here.

    Returns a list of builds; its `meta` has `limit`, `offset`, `order`, `order_type`.

    Raises CoprNoResultException where there is no such project, CoprRequestException where the service
    refuses, CoprConnectionException or CoprTimeoutException where there is no answer. Source: GET /build/list
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
    """End a build that is not over yet.

    `build_id`: its number.

    Returns the build's record.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    build, CoprRequestException where it is over already, CoprConnectionException or CoprTimeoutException
    where there is no answer (it may have been cancelled all the same). Source: PUT /build/cancel/ID
    """
    return Call("PUT", path("build", "cancel", build_id), login=True, decode=record)


def delete(build_id: int) -> Call[Build]:
    """Delete a build that is over, with its packages.

    `build_id`: its number.

    Returns the record of the build as it was.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    build, CoprRequestException where it is not over, CoprConnectionException or CoprTimeoutException where
    there is no answer (it may have been deleted all the same). Source: DELETE /build/delete/ID
    """
    return Call("DELETE", path("build", "delete", build_id), login=True, decode=record)


def delete_list(build_ids: Iterable[int]) -> Call[DeletedBuilds]:
    """Delete builds that are over, with their packages.

    `build_ids`: their numbers, all of one project.

    Returns a record with `builds`, the numbers.

    Raises CoprValidationException where `build_ids` is one number or a text, CoprAuthException without
    credentials or permission, CoprRequestException where one of them is not there or not over,
    CoprConnectionException or CoprTimeoutException where there is no answer (they may have been deleted all
    the same). Source: DELETE /build/delete/list
    """
    return Call(
        "DELETE", "/build/delete/list", json={"builds": several(build_ids)}, login=True, decode=record
    )


def several(build_ids: Iterable[int]) -> list[int]:
    """The numbers of several builds, as a list.

    Raises CoprValidationException for a text, whose digits would pass for builds, and for a single number.
    """
    if isinstance(build_ids, (str, bytes)) or not isinstance(build_ids, Iterable):
        raise CoprValidationException(f"{build_ids!r} is no list of the numbers of builds.")
    return list(build_ids)
