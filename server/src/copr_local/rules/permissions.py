"""Permissions: what a user may do in a project.

              read  build  change it, answer requests  delete it
    everyone  yes
    builder   yes   yes
    admin     yes   yes    yes
    owner     yes   yes    yes                         yes

The owner is the project's user. A project of a group is owned by all members of the group. Administrators of
the whole service may do everything that owners may. Owners and admins of a project give the roles "builder"
and "admin" in it to other users, on request or without one; a user can have both. While a project is being
deleted, it can only be read and deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from ..data.database import Transaction
from ..data.models import Build, Group, Permission, Project, User
from .errors import Forbidden, Invalid

ROLES = ("admin", "builder")
NOTHING, REQUEST, APPROVED = STATES = ("nothing", "request", "approved")


def is_owner(user: User, project: Project) -> bool:
    """Return True if a user owns a project.

    :param user: user to check; being an administrator of the service does not count.
    :param project: project to check.
    :returns: True if the project belongs to the user, or to a group of the user.
    """
    if project.group_id is None:
        return user.id == project.user_id
    return any(group.id == project.group_id for group in user.groups)


def can_edit(user: User, project: Project) -> bool:
    """Return True if a user may change a project, and delete what is in it.

    :param user: user to check.
    :param project: project to check.
    :returns: True for owners, admins of the project and administrators of the service.
    """
    return _may(user, project, "admin")


def can_build(user: User, project: Project) -> bool:
    """Return True if a user may submit builds to a project, and cancel them.

    :param user: user to check.
    :param project: project to check.
    :returns: True for owners, admins and builders of the project, and administrators of the service.
    """
    return _may(user, project, "admin", "builder")


def _may(user: User, project: Project, *roles: str) -> bool:
    """Return True for owners, users with one of these roles, and administrators of the service."""
    if project.is_deleted:
        return False
    return user.admin or is_owner(user, project) or _has_role(user, project, *roles)


def _has_role(user: User, project: Project, *roles: str) -> bool:
    """Return True if a user has one of these roles in a project."""
    own = [given for given in project.permissions if given.user_id == user.id]
    return any(getattr(given, role) == APPROVED for given in own for role in roles)


def request(tx: Transaction, caller: User, project: Project, requested: Mapping[str, Any]) -> bool:
    """Request roles in a project, or give them up.

    :param tx: transaction to write in.
    :param caller: user who sent the request, and wants the roles.
    :param project: project of the roles.
    :param requested: for some of `ROLES`: True to request the role, False to give it up or to withdraw a
        request.
    :returns: True if a state changed.
    :raises Invalid: a role does not exist, a value is not a boolean, the project is the caller's own, or the
        caller already has a requested role.
    """
    for role, wanted in requested.items():
        if not isinstance(wanted, bool):
            raise Invalid(f"invalid '{role}' permission request '{wanted}', expected True or False")
        _check_change(caller, project, role, REQUEST)
        if wanted and _has_role(caller, project, role):
            raise Invalid(f"You already are '{role}' in '{project.full_name}'")
    states = {role: REQUEST if wanted else NOTHING for role, wanted in requested.items()}
    return _set(_given(tx, caller, project), states)


def set_roles(tx: Transaction, project: Project, user: User, states: Mapping[str, Any]) -> bool:
    """Give roles in a project to a user, or remove them.

    This does not check that the current user may do so: call `check_admin` first.

    :param tx: transaction to write in.
    :param project: project of the roles.
    :param user: user whose roles are set.
    :param states: for some of `ROLES`, one of `STATES`.
    :returns: True if a state changed.
    :raises Invalid: a role or a state does not exist, or the project is the user's own.
    """
    for role, state in states.items():
        _check_change(user, project, role, state)
    return _set(_given(tx, user, project), states)


def _set(given: Permission, states: Mapping[str, str]) -> bool:
    """Set the states of roles; return True if one of them changed."""
    changed = [role for role, state in states.items() if getattr(given, role) != state]
    for role in changed:
        setattr(given, role, states[role])
    return bool(changed)


def _check_change(user: User, project: Project, role: str, state: Any) -> None:
    """Raise `Invalid` if a role of a user cannot be set to a state."""
    if role not in ROLES:
        raise Invalid(f"invalid permission '{role}', allowed {'|'.join(ROLES)}")
    if state not in STATES:
        raise Invalid(f"invalid '{role}' permission state '{state}', use {'|'.join(STATES)}")
    if user.id == project.user_id:
        raise Invalid(f"user '{user.name}' is owner of the '{project.full_name}' project")


def _given(tx: Transaction, user: User, project: Project) -> Permission:
    """Return the permissions of a user in a project; add a row without roles if there is none."""
    query = select(Permission).where(Permission.project_id == project.id, Permission.user_id == user.id)
    found = tx.session.scalar(query)
    if found is None:
        found = Permission(user=user, admin=NOTHING, builder=NOTHING)
        project.permissions.append(found)
    return found


def check_admin(user: User, project: Project) -> None:
    """Check that a user may see and change the roles of other users in a project.

    :param user: user who sent the request.
    :param project: project to check.
    :raises Forbidden: the user may not change the project.
    """
    if not can_edit(user, project):
        raise Forbidden(
            f"User '{user.name}' can not see permissions for project '{project.full_name}'"
            " (missing admin rights)"
        )


def check_same_user(caller: User, user: User) -> None:
    """Check that the caller may act for a user.

    :param caller: user who sent the request.
    :param user: user named in the request.
    :raises Forbidden: it is another user, and the caller is not an administrator of the service.
    """
    if not caller.admin and caller.id != user.id:
        raise Forbidden(
            f"You were authorized as '{caller.name}' user without permissions to access projects of user"
            f" '{user.name}'"
        )


def check_member(caller: User, group: Group) -> None:
    """Check that the caller may act for a group.

    :param caller: user who sent the request.
    :param group: group named in the request.
    :raises Forbidden: the caller is neither a member of the group nor an administrator of the service.
    """
    if not caller.admin and group not in caller.groups:
        raise Forbidden(
            f"User '{caller.name}' doesn't have access to the copr group '{group.name}'"
            f" (fas_name='{group.fas_name}')"
        )


def check_update(user: User, project: Project) -> None:
    """Check that a user may change the settings of a project.

    :param user: user who sent the request.
    :param project: project to change.
    :raises Forbidden: the user may not change the project.
    """
    if not can_edit(user, project):
        raise Forbidden("Only owners and admins may update their projects.")


def check_delete(user: User, project: Project) -> None:
    """Check that a user may delete a project.

    :param user: user who sent the request.
    :param project: project to delete.
    :raises Forbidden: the project is protected against deletion, or the user does not own it and is not an
        administrator of the service.
    """
    if project.persistent:
        raise Forbidden("This project is protected against deletion.")
    if project.group is not None:
        check_member(user, project.group)
    elif not (user.admin or is_owner(user, project)):
        raise Forbidden("Only owners may delete their projects.")


def check_cancel(user: User, build: Build) -> None:
    """Check that a user may cancel a build.

    :param user: user who sent the request.
    :param build: build to cancel.
    :raises Forbidden: the user may not build in the project.
    """
    if not can_build(user, build.project):
        raise Forbidden("You are not allowed to cancel this build.")
