"""Calls on who may do what in a project; methods of the project proxy."""

from __future__ import annotations

from collections.abc import Mapping

from ..._calls import path, record
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call, Reply

if TYPE_CHECKING:
    from ...results import PermissionChange, Permissions


def can_build_in(who: str, ownername: str, projectname: str) -> Call[bool]:
    """Ask whether a user may submit builds to a project.

    `who`: the user's name; `ownername`: a user, or a group as "@name".

    Returns True or False.

    Raises CoprAuthException without credentials, CoprNoResultException where there is no such project,
    CoprRequestException where there is no such user, CoprConnectionException or CoprTimeoutException where
    there is no answer. Source: GET /project/permissions/can_build_in/WHO/OWNER/PROJECT/
    """
    return Call("GET", _path("can_build_in", who, ownername, projectname), login=True, decode=_can_build_in)


def get_permissions(ownername: str, projectname: str) -> Call[Permissions]:
    """Ask who may do what in a project.

    `ownername`: a user, or a group as "@name".

    Returns a record whose `permissions` maps user names to records with `admin` and `builder`, each
    "nothing", "request" or "approved".

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    project or nothing was ever set, CoprConnectionException or CoprTimeoutException where there is no answer.
    Source: GET /project/permissions/get/OWNER/PROJECT/
    """
    return Call("GET", _path("get", ownername, projectname), login=True, decode=record)


def set_permissions(
    ownername: str, projectname: str, permissions: Mapping[str, Mapping[str, str]]
) -> Call[PermissionChange]:
    """Say what users may do in a project of one's own.

    `ownername`: a user, or a group as "@name"; `permissions`: maps user names to dicts with `admin` and
    `builder`, each "nothing", "request" or "approved".

    Returns a record with `updated`, the users whose permissions changed.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    project, CoprRequestException where the service refuses a value, CoprConnectionException or
    CoprTimeoutException where there is no answer. Source: PUT /project/permissions/set/OWNER/PROJECT/
    """
    return _put("set", ownername, projectname, permissions)


def request_permissions(
    ownername: str, projectname: str, permissions: Mapping[str, bool]
) -> Call[PermissionChange]:
    """Ask a project's owner for permissions, or give them back.

    `ownername`: a user, or a group as "@name"; `permissions`: maps "admin" and "builder" to True or False.

    Returns a record with `updated`.

    Raises CoprAuthException without credentials, CoprNoResultException where there is no such project,
    CoprRequestException where the service refuses a value, CoprConnectionException or CoprTimeoutException
    where there is no answer. Source: PUT /project/permissions/request/OWNER/PROJECT/
    """
    return _put("request", ownername, projectname, permissions)


def _path(*segments: str) -> str:
    return path("project", "permissions", *segments)


def _put(verb: str, ownername: str, projectname: str, permissions: Mapping[str, Any]) -> Call[Any]:
    return Call(
        "PUT",
        _path(verb, ownername, projectname),
        json=dict(permissions),
        login=True,
        repeatable=True,
        decode=record,
    )


def _can_build_in(call: Call[Any], reply: Reply) -> bool:
    return bool(record(call, reply).can_build_in)
