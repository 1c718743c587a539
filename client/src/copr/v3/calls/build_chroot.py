"""Calls on build chroots: one chroot's part of a build."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._calls import listing, record
from ..._wire import Call

if TYPE_CHECKING:
    from ..._list import List
    from ...results import BuildChroot


def get(build_id: int, chrootname: str) -> Call[BuildChroot]:
    """Ask for one chroot's part of a build.

    `build_id`: the build's number; `chrootname`: such as "fedora-42-x86_64".

    Returns a record with `name`, `state`, `result_url`, `started_on`, `ended_on` (unix time in UTC).

    Raises CoprNoResultException where there is no such build or the build has no such chroot,
    CoprRequestException where the service refuses, CoprConnectionException or CoprTimeoutException where
    there is no answer. Source: GET /build-chroot
    """
    query = {"build_id": build_id, "chrootname": chrootname}
    return Call("GET", "/build-chroot", query=query, decode=record)


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
