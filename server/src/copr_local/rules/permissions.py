"""Who may do what in a project.

              look  build  change it, answer requests  delete it
    anybody   yes
    builder   yes   yes
    admin     yes          yes
    owner     yes   yes    yes                         yes

An owner is the project's user, or for a group's project any member of the group. Administrators of the whole
service may do what owners may. Builder and admin of one project are roles that its owners and admins give to
others, whether these asked for them or not; a user may have both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from ..db import Transaction
from ..models import Build, Group, Permission, Project, User
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
    return user.admin or is_owner(user, project) or _has_role(user, project, "builder")


def _has_role(user: User, project: Project, role: str) -> bool:
    return any(getattr(given, role) == APPROVED for given in project.permissions if given.user_id == user.id)


def request(tx: Transaction, caller: User, project: Project, wishes: Mapping[str, Any]) -> bool:
    """Ask for roles in a project, or give them up; whether that changed anything.

    :param wishes: true or false for some of the `ROLES`.
    :raises Invalid: no role has that name, or the project is the caller's own.
    """
    for role in wishes:
        _check_change(caller, project, role, REQUEST)
    given = _given(tx, caller, project)
    before = (given.admin, given.builder)
    for role, wanted in wishes.items():
        if not wanted:
            setattr(given, role, NOTHING)
        elif getattr(given, role) == NOTHING:
            setattr(given, role, REQUEST)
    return (given.admin, given.builder) != before


def set_roles(tx: Transaction, project: Project, user: User, states: Mapping[str, Any]) -> None:
    """Give roles in a project to a user, or take them away.

    :param states: for some of the `ROLES`, one of the `STATES`.
    :raises Invalid: no role or state has that name, or the project is the user's own.
    """
    for role, state in states.items():
        _check_change(user, project, role, state)
    given = _given(tx, user, project)
    for role, state in states.items():
        setattr(given, role, state)


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
    """:raises Forbidden: they are two."""
    if caller.id != user.id:
        raise Forbidden(
            f"You were authorized as '{caller.name}' user without permissions to access projects of user"
            f" '{user.name}'"
        )


def check_member(caller: User, group: Group) -> None:
    """:raises Forbidden: the caller is not in the group."""
    if group not in caller.groups:
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
    if not (user.admin or is_owner(user, project)):
        raise Forbidden("Only owners may delete their projects.")
    if project.persistent:
        raise Forbidden("This project is protected against deletion.")


def check_cancel(user: User, build: Build) -> None:
    """:raises Forbidden: the user may not cancel the build."""
    if user.id != build.user_id and not can_build(user, build.project):
        raise Forbidden("You are not allowed to cancel this build.")
