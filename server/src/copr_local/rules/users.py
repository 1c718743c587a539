"""Users and their API tokens.

A token has 40 characters from the system's random generator, so it cannot be guessed, and a plain SHA-256 of
it is safe to store. The token itself is shown once, when it is created.
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
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}", re.ASCII)  # name of a user or a group


@dataclass(frozen=True)
class Credentials:
    """The API login and token of a user.

    :param login: random string that identifies the user.
    :param token: the secret.
    :param expiration: last day on which they are valid, UTC.
    """

    login: str
    token: str
    expiration: date


def add(tx: Transaction, name: str, *, admin: bool = False, proxy: bool = False) -> tuple[User, Credentials]:
    """Add a user.

    :param tx: transaction to write in.
    :param name: name of the new user.
    :param admin: True for an administrator of the whole service.
    :param proxy: True if the user may act for other users.
    :returns: the user, and the credentials, which cannot be read again later.
    :raises Invalid: the name is not valid, or another user has it.
    """
    if not NAME.fullmatch(name):
        raise Invalid(f"'{name}' is not a valid user name: use letters, digits, '_', '-' and '.'")
    if tx.session.scalar(select(User.id).where(User.name == name)):
        raise Invalid(f"the user '{name}' exists already")
    made = _draw(tx)
    user = User(name=name, admin=admin, proxy=proxy)
    _give(user, made)
    tx.session.add(user)
    tx.session.flush()
    return user, made


def first(tx: Transaction) -> User | None:
    """Return the user who was added first.

    :param tx: transaction to read from.
    :returns: the user; None if there are no users.
    """
    return tx.session.scalar(select(User).order_by(User.id).limit(1))


def in_list(tx: Transaction) -> Sequence[User]:
    """Return all users with their groups.

    :param tx: transaction to read from.
    :returns: the users, in the order in which they were added.
    """
    return tx.session.scalars(select(User).options(selectinload(User.groups)).order_by(User.id)).all()


def get(tx: Transaction, name: str) -> User:
    """Return a user.

    :param tx: transaction to read from.
    :param name: name of the user.
    :returns: the user.
    :raises NotFound: no user has this name.
    """
    user = tx.session.scalar(select(User).where(User.name == name))
    if user is None:
        raise NotFound(f"No such user `{name}'")
    return user


def get_group(tx: Transaction, name: str) -> Group:
    """Return a group.

    :param tx: transaction to read from.
    :param name: name of the group, without the @.
    :returns: the group.
    :raises NotFound: no group has this name.
    """
    group = tx.session.scalar(select(Group).where(Group.name == name))
    if group is None:
        raise NotFound(f"Group {name} does not exist.")
    return group


def get_owner(tx: Transaction, ownername: str) -> User | Group:
    """Return the user or group with an owner's name.

    :param tx: transaction to read from.
    :param ownername: name of the user, or of the group with its @.
    :returns: the user or the group.
    :raises NotFound: the user or the group does not exist.
    """
    return get_group(tx, ownername[1:]) if ownername.startswith("@") else get(tx, ownername)


def add_group(tx: Transaction, name: str, fas_name: str, members: list[User]) -> Group:
    """Add a group with its members.

    :param tx: transaction to write in.
    :param name: name of the group, without the @.
    :param fas_name: its name in the Fedora accounts system.
    :param members: users in the group.
    :returns: the new group.
    """
    group = Group(name=name, fas_name=fas_name)
    tx.session.add(group)
    for user in members:
        user.groups.append(group)
    tx.session.flush()
    return group


def authenticate(tx: Transaction, login: str, token: str) -> User:
    """Return the user with an API login and token.

    :param tx: transaction to read from.
    :param login: login from the request.
    :param token: token from the request.
    :returns: the user.
    :raises AuthenticationRequired: the login does not exist, the token is wrong, or it has expired.
    """
    user = tx.session.scalar(select(User).where(User.api_login == login))
    known = user.api_token_hash if user else _hash("")
    same = hmac.compare_digest(known, _hash(token))
    if user is None or not same or user.api_token_expiration < _today(tx):
        raise AuthenticationRequired("Login invalid/expired.")
    return user


def renew_token(tx: Transaction, user: User) -> Credentials:
    """Give a user a new login and token; the old ones become invalid.

    :param tx: transaction to write in.
    :param user: user to change.
    :returns: the new credentials, which cannot be read again later.
    """
    made = _draw(tx)
    _give(user, made)
    return made


def _draw(tx: Transaction) -> Credentials:
    """Return a random login and token."""
    letters = string.ascii_lowercase
    return Credentials(
        login="".join(secrets.choice(letters) for _ in range(20)),
        token="".join(secrets.choice(letters + string.digits) for _ in range(40)),
        expiration=_today(tx) + timedelta(days=TOKEN_DAYS),
    )


def _give(user: User, credentials: Credentials) -> None:
    """Store credentials in the columns of a user."""
    user.api_login = credentials.login
    user.api_token_hash = _hash(credentials.token)
    user.api_token_expiration = credentials.expiration


def _hash(token: str) -> str:
    """Return the SHA-256 of a token, in hexadecimal digits."""
    return hashlib.sha256(token.encode()).hexdigest()


def _today(tx: Transaction) -> date:
    """Return the current day in UTC."""
    return datetime.fromtimestamp(tx.now, UTC).date()
