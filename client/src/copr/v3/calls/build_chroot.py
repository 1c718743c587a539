"""Calls on build chroots: the part of a build that is for one chroot."""

from __future__ import annotations

from collections.abc import Mapping

from ..._calls import listing, record
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call

if TYPE_CHECKING:
    from ..._list import List
    from ...results import BuildChroot, BuildChrootConfig, ChrootPackages


def get(build_id: int, chrootname: str) -> Call[BuildChroot]:
    """Return the state of a build in one chroot.

    :param build_id: id of the build.
    :param chrootname: name of the chroot, such as "fedora-45-x86_64".
    :returns: a record with `name`, `state`, `result_url`, and `started_on` and `ended_on` (unix time in
        seconds, UTC). What is not known yet is None.
    :raises CoprNoResultException: no build has this id, or the build is not for this chroot.
    :raises CoprRequestException: the service does not know the chroot, or reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build-chroot``
    """
    return _about("/build-chroot", build_id, chrootname)


def get_list(build_id: int, pagination: Mapping[str, Any] | None = None) -> Call[List[BuildChroot]]:
    """Return the states of a build in all of its chroots.

    :param build_id: id of the build.
    :param pagination: a dict with `limit` (chroots on a page), `offset` (chroots before the page), `order` (a
        field's name) and `order_type` ("ASC" or "DESC"). Default: all chroots.
    :returns: a list of records as `get` returns them. It is empty until the source RPM exists, unless the
        build was submitted with a list of chroots.
    :raises CoprNoResultException: no build has this id.
    :raises CoprRequestException: the service refuses a value, or reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build-chroot/list``
    """
    return Call(
        "GET", "/build-chroot/list", query={"build_id": build_id, **(pagination or {})}, decode=listing
    )


def get_build_config(build_id: int, chrootname: str) -> Call[BuildChrootConfig]:
    """Return the settings that a build has in one chroot.

    :param build_id: id of the build.
    :param chrootname: name of the chroot, such as "fedora-45-x86_64".
    :returns: a record with `repos`, `additional_repos`, `additional_packages`, `with_opts`, `without_opts`,
        `enable_net`, `timeout` (seconds), `memory_limit` (MB), `bootstrap` and `is_background`.
    :raises CoprNoResultException: no build has this id, or the build is not for this chroot.
    :raises CoprRequestException: the service does not know the chroot, or reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build-chroot/build-config``
    """
    return _about("/build-chroot/build-config", build_id, chrootname)


def get_built_packages(build_id: int, chrootname: str) -> Call[ChrootPackages]:
    """Return the packages that a build made in one chroot.

    :param build_id: id of the build.
    :param chrootname: name of the chroot, such as "fedora-45-x86_64".
    :returns: a record with `packages`. Each package has `name`, `epoch`, `version`, `release` and `arch`.
    :raises CoprNoResultException: no build has this id, or the build is not for this chroot.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build-chroot/built-packages``
    """
    return _about("/build-chroot/built-packages", build_id, chrootname)


def _about(endpoint: str, build_id: int, chrootname: str) -> Call[Any]:
    """Return a call that asks about one chroot of a build."""
    return Call("GET", endpoint, query={"build_id": build_id, "chrootname": chrootname}, decode=record)
