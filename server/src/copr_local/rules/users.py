"""Users and their API tokens.

A token is 40 characters drawn by the system's random generator, so its plain SHA-256 is safe to keep: there
is nothing to guess. The token itself is shown once, when it is made.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ..data.database import Transaction
from ..data.models import Group, User
from .errors import AuthenticationRequired, Invalid, NotFound

TOKEN_DAYS = 180
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}", re.ASCII)  # of users and of groups


@dataclass(frozen=True)
class Credentials:
    """A login and its token, and the last day on which they work."""

    login: str
    token: str
    expiration: date


def add(tx: Transaction, name: str, *, admin: bool = False, proxy: bool = False) -> tuple[User, Credentials]:
    """Add a user.

    :param proxy: whether the user may act for others.
    :raises Invalid: the name is not one, or taken.
    """
    if not NAME.fullmatch(name):
        raise Invalid(f"'{name}' is not a user name: use letters, digits, '_', '-' and '.'")
    if tx.session.scalar(select(User.id).where(User.name == name)):
        raise Invalid(f"There is a user '{name}' already")
    made = _draw(tx)
    user = User(name=name, admin=admin, proxy=proxy)
    _give(user, made)
    tx.session.add(user)
    tx.session.flush()
    return user, made


def first(tx: Transaction) -> User | None:
    """The user that was added first, if there is any."""
    return tx.session.scalar(select(User).order_by(User.id).limit(1))


def in_list(tx: Transaction) -> Sequence[User]:
    """All users, with their groups, in the order in which they were added."""
    return tx.session.scalars(select(User).options(selectinload(User.groups)).order_by(User.id)).all()


def get(tx: Transaction, name: str) -> User:
    """A user by name.

    :raises NotFound: there is none.
    """
    user = tx.session.scalar(select(User).where(User.name == name))
    if user is None:
        raise NotFound(f"No such user `{name}'")
    return user


def get_group(tx: Transaction, name: str) -> Group:
    """A group by its name without the @.

    :raises NotFound: there is none.
    """
    group = tx.session.scalar(select(Group).where(Group.name == name))
    if group is None:
        raise NotFound(f"Group {name} does not exist.")
    return group


def get_owner(tx: Transaction, ownername: str) -> User | Group:
    """Who may own projects by this name: a user, or a group with its @.

    :raises NotFound: there is no such user or group.
    """
    return get_group(tx, ownername[1:]) if ownername.startswith("@") else get(tx, ownername)


def add_group(tx: Transaction, name: str, fas_name: str, members: list[User]) -> Group:
    """Add a group with its members."""
    group = Group(name=name, fas_name=fas_name)
    tx.session.add(group)
    for user in members:
        user.groups.append(group)
    tx.session.flush()
    return group


def authenticate(tx: Transaction, login: str, token: str) -> User:
    """The user whose login and token these are.

    :raises AuthenticationRequired: there is no such login, the token is another, or it is out of date.
    """
    user = tx.session.scalar(select(User).where(User.api_login == login))
    known = user.api_token_hash if user else _hash("")
    same = hmac.compare_digest(known, _hash(token))
    if user is None or not same or user.api_token_expiration < _today(tx):
        raise AuthenticationRequired("Login invalid/expired.")
    return user


def renew_token(tx: Transaction, user: User) -> Credentials:
    """Give a user a new login and token; the old ones stop working."""
    made = _draw(tx)
    _give(user, made)
    return made


def _draw(tx: Transaction) -> Credentials:
    letters = string.ascii_lowercase
    return Credentials(
        login="".join(secrets.choice(letters) for _ in range(20)),
        token="".join(secrets.choice(letters + string.digits) for _ in range(40)),
        expiration=_today(tx) + timedelta(days=TOKEN_DAYS),
    )


def _give(user: User, credentials: Credentials) -> None:
    user.api_login = credentials.login
    user.api_token_hash = _hash(credentials.token)
    user.api_token_expiration = credentials.expiration


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _today(tx: Transaction) -> date:
    return datetime.fromtimestamp(tx.now, UTC).date()
