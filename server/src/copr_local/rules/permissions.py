"""Who may do what in a project.

              look  build  change it, answer requests  delete it
    anybody   yes
    builder   yes   yes
    admin     yes   yes    yes
    owner     yes   yes    yes                         yes

An owner is the project's user, or for a group's project any member of the group. Administrators of the whole
service may do what owners may. Builder and admin of one project are roles that its owners and admins give to
others, whether these asked for them or not; a user may have both.
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
    """Whether the project is the user's, or one of the user's groups'."""
    if project.group_id is None:
        return user.id == project.user_id
    return any(group.id == project.group_id for group in user.groups)


def can_edit(user: User, project: Project) -> bool:
    """Whether the user may change the project, and delete what is in it."""
    return user.admin or is_owner(user, project) or _has_role(user, project, "admin")


def can_build(user: User, project: Project) -> bool:
    """Whether the user may submit builds to the project, and cancel them."""
    return user.admin or is_owner(user, project) or _has_role(user, project, "admin", "builder")


def _has_role(user: User, project: Project, *roles: str) -> bool:
    """Whether the user was given one of these roles."""
    own = [given for given in project.permissions if given.user_id == user.id]
    return any(getattr(given, role) == APPROVED for given in own for role in roles)


def request(tx: Transaction, caller: User, project: Project, wishes: Mapping[str, Any]) -> bool:
    """Ask for roles in a project, or give them up; whether that changed anything.

    :param wishes: true or false for some of the `ROLES`.
    :raises Invalid: no role has that name, the wish is neither true nor false, or there is nothing to ask
        for: the project is the caller's own, or the caller has the role.
    """
    for role, wanted in wishes.items():
        if not isinstance(wanted, bool):
            raise Invalid(f"invalid '{role}' permission request '{wanted}', expected True or False")
        _check_change(caller, project, role, REQUEST)
        if wanted and _has_role(caller, project, role):
            raise Invalid(f"You already are '{role}' in '{project.full_name}'")
    return _set(_given(tx, caller, project), {role: REQUEST if wishes[role] else NOTHING for role in wishes})


def set_roles(tx: Transaction, project: Project, user: User, states: Mapping[str, Any]) -> bool:
    """Give roles in a project to a user, or take them away; whether that changed anything.

    :param states: for some of the `ROLES`, one of the `STATES`.
    :raises Invalid: no role or state has that name, or the project is the user's own.
    """
    for role, state in states.items():
        _check_change(user, project, role, state)
    return _set(_given(tx, user, project), states)


def _set(given: Permission, states: Mapping[str, str]) -> bool:
    changed = [role for role, state in states.items() if getattr(given, role) != state]
    for role in changed:
        setattr(given, role, states[role])
    return bool(changed)


def _check_change(user: User, project: Project, role: str, state: Any) -> None:
    if role not in ROLES:
        raise Invalid(f"invalid permission '{role}', allowed {'|'.join(ROLES)}")
    if state not in STATES:
        raise Invalid(f"invalid '{role}' permission state '{state}', use {'|'.join(STATES)}")
    if user.id == project.user_id:
        raise Invalid(f"user '{user.name}' is owner of the '{project.full_name}' project")


def _given(tx: Transaction, user: User, project: Project) -> Permission:
    """A user's permissions in a project; none yet where there were none."""
    query = select(Permission).where(Permission.project_id == project.id, Permission.user_id == user.id)
    found = tx.session.scalar(query)
    if found is None:
        found = Permission(user=user, admin=NOTHING, builder=NOTHING)
        project.permissions.append(found)
    return found


def check_admin(user: User, project: Project) -> None:
    """:raises Forbidden: the user may not see who may do what in the project."""
    if not can_edit(user, project):
        raise Forbidden(
            f"User '{user.name}' can not see permissions for project '{project.full_name}'"
            " (missing admin rights)"
        )


def check_same_user(caller: User, user: User) -> None:
    """:raises Forbidden: they are two, and the caller is no administrator of the service."""
    if not caller.admin and caller.id != user.id:
        raise Forbidden(
            f"You were authorized as '{caller.name}' user without permissions to access projects of user"
            f" '{user.name}'"
        )


def check_member(caller: User, group: Group) -> None:
    """:raises Forbidden: the caller is neither in the group nor an administrator of the service."""
    if not caller.admin and group not in caller.groups:
        raise Forbidden(
            f"User '{caller.name}' doesn't have access to the copr group '{group.name}'"
            f" (fas_name='{group.fas_name}')"
        )


def check_update(user: User, project: Project) -> None:
    """:raises Forbidden: the user may not change the project's settings."""
    if not can_edit(user, project):
        raise Forbidden("Only owners and admins may update their projects.")


def check_delete(user: User, project: Project) -> None:
    """:raises Forbidden: the user may not delete the project, or nobody may."""
    if project.persistent:
        raise Forbidden("This project is protected against deletion.")
    if project.group is not None:
        check_member(user, project.group)
    elif not (user.admin or is_owner(user, project)):
        raise Forbidden("Only owners may delete their projects.")


def check_cancel(user: User, build: Build) -> None:
    """:raises Forbidden: the user may not cancel the build."""
    if not can_build(user, build.project):
        raise Forbidden("You are not allowed to cancel this build.")
