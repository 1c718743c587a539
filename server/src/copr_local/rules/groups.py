"""Groups of users: add, join, leave, remove, list."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ..data.database import Transaction
from ..data.models import Group, Project, User
from . import users
from .errors import Invalid


def add(tx: Transaction, name: str, members: list[User]) -> Group:
    """Add a group. Its name in the accounts system (FAS) is the same.

    :param tx: transaction to write in.
    :param name: name of the group, without `@`.
    :param members: users who join it.
    :returns: the new group.
    :raises Invalid: the name is not a valid group name, or such a group exists already.
    """
    if not users.NAME.fullmatch(name):
        raise Invalid(f"'{name}' is not a valid group name: use letters, digits, '_', '-' and '.', and no @")
    if tx.session.scalar(select(Group.id).where(Group.name == name)):
        raise Invalid(f"the group '{name}' exists already")
    return users.add_group(tx, name, name, members)


def join(group: Group, members: Sequence[User]) -> None:
    """Add users to a group. Users who are members already stay members.

    :param group: group to join.
    :param members: users who join it.
    """
    for user in members:
        if group not in user.groups:
            user.groups.append(group)


def leave(group: Group, members: Sequence[User]) -> None:
    """Remove users from a group.

    :param group: group to leave.
    :param members: users who leave it.
    :raises Invalid: one of the users is not a member.
    """
    for user in members:
        if group not in user.groups:
            raise Invalid(f"{user.name} is not in the group {group.name}")
        user.groups.remove(group)


def remove(tx: Transaction, group: Group) -> None:
    """Remove a group that owns no projects. Its members stay users.

    :param tx: transaction to write in.
    :param group: group to remove.
    :raises Invalid: the group owns projects.
    """
    owned = select(Project.name).where(Project.group_id == group.id).order_by(Project.name)
    if names := tx.session.scalars(owned).all():
        projects = ", ".join(f"@{group.name}/{name}" for name in names)
        raise Invalid(f"The group {group.name} owns {projects}: delete its projects first, through the API")
    tx.session.delete(group)


def members(tx: Transaction) -> dict[str, list[str]]:
    """Return all groups and their members.

    :param tx: transaction to read in.
    :returns: the sorted user names by group name, in the order of group names; an empty list for an empty
        group.
    """
    found: dict[str, list[str]] = {
        name: [] for name in tx.session.scalars(select(Group.name).order_by(Group.name))
    }
    pairs = select(Group.name, User.name).select_from(User).join(User.groups).order_by(User.name)
    for group, user in tx.session.execute(pairs):
        found[group].append(user)
    return found
