"""Web sessions: after a login with Kerberos, or with a token on a page, a cookie identifies the user.

A session lasts 30 days. The value of the cookie comes from the system's random generator, and is sent once.
Only its SHA-256 is stored.
"""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import delete

from ..data.database import Transaction
from ..data.models import LoginSession, User
from . import users
from .errors import Forbidden, Invalid, NotFound

SESSION_SECONDS = 30 * 86_400
NO_CREDENTIALS = "Kerberos authentication failed (no credentials provided)"


def log_in(tx: Transaction, principal: str | None) -> tuple[User, str]:
    """Start a session; a user who does not exist yet is added.

    :param tx: transaction to write in.
    :param principal: the Kerberos principal `NAME@REALM` that the frontend web server authenticated; None if
        it authenticated none.
    :returns: the user, and the value of the cookie.
    :raises Forbidden: no principal was authenticated, or its name is not a valid user name.
    """
    if principal is None:
        raise Forbidden(f"Can't log-in using GSSAPI: {NO_CREDENTIALS}")
    user = _user(tx, principal)
    return user, start(tx, user)


def start(tx: Transaction, user: User) -> str:
    """Start a session of a user, who has been authenticated.

    :param tx: transaction to write in.
    :param user: the user.
    :returns: the value of the cookie.
    """
    key = secrets.token_urlsafe(32)
    tx.session.execute(delete(LoginSession).where(LoginSession.expires_on <= tx.now))
    tx.session.add(LoginSession(key_hash=_hash(key), user_id=user.id, expires_on=tx.now + SESSION_SECONDS))
    return key


def end(tx: Transaction, key: str) -> None:
    """End a session; do nothing if it does not exist.

    :param tx: transaction to write in.
    :param key: the value of the cookie.
    """
    tx.session.execute(delete(LoginSession).where(LoginSession.key_hash == _hash(key)))


def find(tx: Transaction, key: str) -> User | None:
    """Return the user of a session.

    :param tx: transaction to read from.
    :param key: the value of the cookie.
    :returns: the user; None if the session does not exist or has expired.
    """
    session = tx.session.get(LoginSession, _hash(key))
    if session is None or session.expires_on <= tx.now:
        return None
    return tx.session.get_one(User, session.user_id)


def _user(tx: Transaction, principal: str) -> User:
    """Return the user of a principal; add it if it does not exist."""
    name = principal.partition("@")[0]
    try:
        return users.get(tx, name)
    except NotFound:
        pass
    try:
        return users.add(tx, name)[0]
    except Invalid as error:
        raise Forbidden(
            f"Can't log-in using GSSAPI: invalid krb5 username, contact administrators: {principal}"
        ) from error


def _hash(key: str) -> str:
    """Return the SHA-256 of a cookie's value, in hexadecimal digits."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
