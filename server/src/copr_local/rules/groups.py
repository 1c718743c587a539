"""Groups of users: added, joined, left, removed, listed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ..data.database import Transaction
from ..data.models import Group, Membership, Project, User
from . import users
from .errors import Invalid


def add(tx: Transaction, name: str, members: list[User]) -> Group:
    """Add a group; in the accounts system it has the same name.

    :raises Invalid: the name is not one, or taken.
    """
    if not users.NAME.fullmatch(name):
        raise Invalid(f"'{name}' is not a group name: use letters, digits, '_', '-' and '.', and no @")
    if tx.session.scalar(select(Group.id).where(Group.name == name)):
        raise Invalid(f"There is a group '{name}' already")
    return users.add_group(tx, name, name, members)


def join(group: Group, members: Sequence[User]) -> None:
    """Let users join a group; who is in it already stays."""
    for user in members:
        if group not in user.groups:
            user.groups.append(group)


def leave(group: Group, members: Sequence[User]) -> None:
    """Let users leave a group.

    :raises Invalid: one is not in it.
    """
    for user in members:
        if group not in user.groups:
            raise Invalid(f"{user.name} is not in the group {group.name}")
        user.groups.remove(group)


def remove(tx: Transaction, group: Group) -> None:
    """Remove a group that owns nothing; its members stay users.

    :raises Invalid: it owns projects.
    """
    owned = select(Project.name).where(Project.group_id == group.id).order_by(Project.name)
    if names := tx.session.scalars(owned).all():
        projects = ", ".join(f"@{group.name}/{name}" for name in names)
        raise Invalid(f"The group {group.name} owns {projects}: delete that first, through the API")
    tx.session.delete(group)


def members(tx: Transaction) -> dict[str, list[str]]:
    """The names of all groups, and of the users in each, by name."""
    found: dict[str, list[str]] = {
        name: [] for name in tx.session.scalars(select(Group.name).order_by(Group.name))
    }
    pairs = (
        select(Group.name, User.name)
        .join(Membership, Membership.group_id == Group.id)
        .join(User, User.id == Membership.user_id)
        .order_by(User.name)
    )
    for group, user in tx.session.execute(pairs):
        found[group].append(user)
    return found
