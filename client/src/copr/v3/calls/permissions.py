"""Calls on the permissions of users in a project. They are methods of the project proxy."""

from __future__ import annotations

from collections.abc import Mapping

from ..._calls import path, record
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call, Reply

if TYPE_CHECKING:
    from ...results import PermissionChange, Permissions


def can_build_in(who: str, ownername: str, projectname: str) -> Call[bool]:
    """Return whether a user may submit builds to a project.

    :param who: name of the user.
    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :returns: True if the user may submit builds.
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprAuthException: no credentials are configured, or the service does not accept them.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the user does not exist, or the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /project/permissions/can_build_in/{who}/{ownername}/{projectname}``
    """
    return Call(
        "GET",
        _path("can_build_in", who, ownername, projectname),
        query={"who": who, **_named(ownername, projectname)},
        login=True,
        decode=_can_build_in,
    )


def get_permissions(ownername: str, projectname: str) -> Call[Permissions]:
    """Return the permissions of all users in a project.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :returns: a record with `permissions`, which maps the name of a user to a record with `admin` and
        `builder`. Each is "nothing", "request" (requested) or "approved".
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist, or it has no permissions yet.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /project/permissions/get/{ownername}/{projectname}``
    """
    return Call(
        "GET",
        _path("get", ownername, projectname),
        query=_named(ownername, projectname),
        login=True,
        decode=record,
    )


def set_permissions(
    ownername: str, projectname: str, permissions: Mapping[str, Mapping[str, str]]
) -> Call[PermissionChange]:
    """Set the permissions of users in a project.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param permissions: maps the name of a user to a dict with `admin` and `builder` (one or both). Each is
        "nothing", "request" or "approved".
    :returns: a record with `updated`, the names of the users whose permissions changed.
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a value, or reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``PUT /project/permissions/set/{ownername}/{projectname}``
    """
    return _put("set", ownername, projectname, permissions)


def request_permissions(
    ownername: str, projectname: str, permissions: Mapping[str, bool]
) -> Call[PermissionChange]:
    """Request permissions in a project from its owner, or give permissions up.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param permissions: maps "admin" and "builder" (one or both) to True (request) or False (give up).
    :returns: a record with `updated`, which tells whether anything changed.
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprAuthException: no credentials are configured, or the service does not accept them.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a value, or reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``PUT /project/permissions/request/{ownername}/{projectname}``
    """
    return _put("request", ownername, projectname, permissions)


def _path(*segments: str) -> str:
    """Return the path of an endpoint of permissions."""
    return path("project", "permissions", *segments)


def _named(ownername: str, projectname: str) -> dict[str, str]:
    """Return the names of a project's path once more, for the query, as the released client sends them."""
    return {"ownername": ownername, "projectname": projectname}


def _put(verb: str, ownername: str, projectname: str, permissions: Mapping[str, Any]) -> Call[Any]:
    """Return a call that sets or requests permissions."""
    return Call(
        "PUT",
        _path(verb, ownername, projectname),
        query=_named(ownername, projectname),
        json=dict(permissions),
        login=True,
        repeatable=True,
        decode=record,
    )


def _can_build_in(call: Call[Any], reply: Reply) -> bool:
    """Read the boolean of a response."""
    return bool(record(call, reply).can_build_in)
