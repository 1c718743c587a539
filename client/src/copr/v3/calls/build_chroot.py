"""Calls on build chroots: one chroot's part of a build."""

from __future__ import annotations

from collections.abc import Mapping

from ..._calls import listing, record
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call

if TYPE_CHECKING:
    from ..._list import List
    from ...results import BuildChroot, BuildChrootConfig, ChrootPackages


def get(build_id: int, chrootname: str) -> Call[BuildChroot]:
    """Ask for one chroot's part of a build.

    `build_id`: the build's number; `chrootname`: such as "fedora-42-x86_64".

    Returns a record with `name`, `state`, `result_url`, `started_on`, `ended_on` (unix time in UTC).

    Raises CoprNoResultException where there is no such build or the build has no such chroot,
    CoprRequestException where the service knows no such chroot, CoprConnectionException or
    CoprTimeoutException where there is no answer. Source: GET /build-chroot
    """
    return _about("/build-chroot", build_id, chrootname)


def get_list(build_id: int, pagination: Mapping[str, Any] | None = None) -> Call[List[BuildChroot]]:
    """Ask for a build's chroots.

    `build_id`: the build's number; `pagination`: `limit`, `offset`, `order`, `order_type` ("ASC" or "DESC").

    Returns a list of records as `get` returns them; empty until the source RPM is there, unless chroots were
    asked for.

    Raises CoprNoResultException where there is no such build, CoprRequestException where the service refuses,
    CoprConnectionException or CoprTimeoutException where there is no answer. Source: GET /build-chroot/list
    """
    return Call(
        "GET", "/build-chroot/list", query={"build_id": build_id, **(pagination or {})}, decode=listing
    )


def get_build_config(build_id: int, chrootname: str) -> Call[BuildChrootConfig]:
    """Ask what a build in one chroot is made with.

    `build_id`: the build's number; `chrootname`: such as "fedora-42-x86_64".

    Returns a record with `repos`, `additional_repos`, `additional_packages`, `with_opts`, `without_opts`,
    `enable_net`, `timeout` (seconds), `memory_limit` (MB) and others.

    Raises CoprNoResultException where there is no such build or the build has no such chroot,
    CoprRequestException where the service knows no such chroot, CoprConnectionException or
    CoprTimeoutException where there is no answer. Source: GET /build-chroot/build-config
    """
    return _about("/build-chroot/build-config", build_id, chrootname)


def get_built_packages(build_id: int, chrootname: str) -> Call[ChrootPackages]:
    """Ask for the packages that a build made in one chroot.

    `build_id`: the build's number; `chrootname`: such as "fedora-42-x86_64".

    Returns a record with `packages`, each with `name`, `epoch`, `version`, `release` and `arch`.

    Raises CoprNoResultException where there is no such build or the build has no such chroot,
    CoprConnectionException or CoprTimeoutException where there is no answer. Source: GET
    /build-chroot/built-packages
    """
    return _about("/build-chroot/built-packages", build_id, chrootname)


def _about(endpoint: str, build_id: int, chrootname: str) -> Call[Any]:
    return Call("GET", endpoint, query={"build_id": build_id, "chrootname": chrootname}, decode=record)
