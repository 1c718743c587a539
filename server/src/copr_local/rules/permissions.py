"""Who may do what in a project.

An owner is the project's user, or for a group's project any member of the group. Owners and administrators
may do everything in it; nobody else may do anything but look.
"""

from __future__ import annotations

from ..models import Build, Group, Project, User
from .errors import Forbidden


def is_owner(user: User, project: Project) -> bool:
    """Whether the project is the user's, or one of the user's groups'."""
    if project.group_id is None:
        return user.id == project.user_id
    return any(group.id == project.group_id for group in user.groups)


def can_edit(user: User, project: Project) -> bool:
    """Whether the user may change the project, and delete what is in it."""
    return user.admin or is_owner(user, project)


def can_build(user: User, project: Project) -> bool:
    """Whether the user may submit builds to the project, and cancel them."""
    return can_edit(user, project)


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
    if not can_edit(user, project):
        raise Forbidden("Only owners may delete their projects.")
    if project.persistent:
        raise Forbidden("This project is protected against deletion.")


def check_cancel(user: User, build: Build) -> None:
    """:raises Forbidden: the user may not cancel the build."""
    if user.id != build.user_id and not can_build(user, build.project):
        raise Forbidden("You are not allowed to cancel this build.")
