"""`/project/permissions`: show who may build in a project, request roles, and assign roles to users."""

from __future__ import annotations

from typing import Any

from flask import request

from ..rules import limits, permissions, projects, users
from ..rules.errors import Invalid, NotFound
from ..wire.context import reading, writing
from ..wire.form_data import as_text
from . import render
from .description import takes
from .errors import Crash
from .login import caller, needs_login
from .routes import api, deprecated

_PROJECT = "<ownername>/<projectname>"


@api.get(f"/project/permissions/can_build_in/<who>/{_PROJECT}")
def can_build_in(who: str, ownername: str, projectname: str) -> Any:
    """Check if a user may build in a project.

    :param who: name of the user.
    :param ownername: owner of the project; a group has an @.
    :param projectname: name of the project.
    :returns: the names, and True or False under `can_build_in`.
    :raises NotFound: the project does not exist.
    :raises Crash: the user does not exist.
    :source: ``GET /api_3/project/permissions/can_build_in/{who}/{ownername}/{projectname}``
    """
    with reading() as tx:
        project = projects.get(tx, ownername, projectname)
        try:
            allowed = permissions.can_build(users.get(tx, who), project)
        except NotFound as error:
            raise Crash("Database error, contact admin") from error
        return {
            "ownername": project.ownername.removeprefix("@"),
            "projectname": project.name,
            "who": who,
            "can_build_in": allowed,
        }


@api.get(f"/project/permissions/get/{_PROJECT}")
@needs_login
def get_permissions(ownername: str, projectname: str) -> Any:
    """Return the roles that users have or request in a project.

    :param ownername: owner of the project; a group has an @.
    :param projectname: name of the project.
    :returns: the states of the roles by user name, under `permissions`.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist, or no user has or requests a role.
    :raises Forbidden: the caller is not an owner or admin of the project.
    :source: ``GET /api_3/project/permissions/get/{ownername}/{projectname}``
    """
    with reading() as tx:
        project = projects.get(tx, ownername, projectname)
        permissions.check_admin(caller(tx), project)
        if not project.permissions:
            raise NotFound(f"No permissions set on {project.full_name} project")
        return {"permissions": render.permissions(project)}


@api.route(f"/project/permissions/request/{_PROJECT}", methods=["PUT", "POST"])
@takes(free='Roles to request (true) or give up (false): {"builder": true, "admin": false}')
@deprecated("POST", use="PUT")
@needs_login
def request_permissions(ownername: str, projectname: str) -> Any:
    """Request roles in a project, or give them up: `{"builder": true, "admin": false}`.

    :param ownername: owner of the project; a group has an @.
    :param projectname: name of the project.
    :returns: True under `updated` if a role changed, else False.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Invalid: the body is not an object or is empty, or a requested role is not possible.
    :raises HTTPException: the body is not valid JSON.
    :source: ``PUT /api_3/project/permissions/request/{ownername}/{projectname}``; ``POST`` is deprecated
    """
    request.get_json(silent=True)  # parses the body before the database is locked
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        requested = request.get_json()
        if not isinstance(requested, dict):
            raise Invalid("invalid 'roles' dict format, expected: {'admin': True, 'builder': False}")
        if not requested:
            raise Invalid("no permission requested")
        limits.check("values in a field", len(requested))
        return {"updated": permissions.request(tx, caller(tx), project, requested)}


@api.route(f"/project/permissions/set/{_PROJECT}", methods=["PUT", "POST"])
@takes(free='States of roles, by user: {"bob": {"builder": "approved"}}')
@needs_login
def set_permissions(ownername: str, projectname: str) -> Any:
    """Assign roles in a project to users, or remove them: `{"bob": {"builder": "approved"}}`.

    :param ownername: owner of the project; a group has an @.
    :param projectname: name of the project.
    :returns: names of the users with changed roles, under `updated`.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller is not an owner or admin of the project.
    :raises Invalid: the body is not an object or is empty, or a user, role or state is invalid.
    :raises HTTPException: the body is not valid JSON.
    :source: ``PUT /api_3/project/permissions/set/{ownername}/{projectname}``, or the same with ``POST``
    """
    request.get_json(silent=True)  # parses the body before the database is locked
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        permissions.check_admin(caller(tx), project)
        changes = request.get_json()
        if not isinstance(changes, dict):
            raise Invalid(
                "request is not a dictionary, expected format:"
                " {'username': {'admin': 'nothing', 'builder': 'request'} ...}"
            )
        if not changes:
            raise Invalid("no permission change requested")
        limits.check("users with new roles", len(changes))
        updated = []
        for name, states in ((as_text(name), states) for name, states in changes.items()):
            try:
                user = users.get(tx, name)
            except NotFound as error:
                raise Invalid(f"user '{name}' doesn't exist in database") from error
            if not isinstance(states, dict):
                raise Invalid(f"invalid permissions of '{name}', expected: {{'builder': 'approved'}}")
            if permissions.set_roles(tx, project, user, states):
                updated.append(name)
        return {"updated": updated}
