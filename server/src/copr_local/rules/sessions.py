"""Sessions of users who came in through Kerberos: a cookie stands for who they are, for a month.

What the cookie says is drawn by the system's random generator and shown once; its SHA-256 is kept.
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
    """Begin a session; a user whom nobody has added yet is added.

    :param principal: who a front end says it is, `NAME@REALM`; None if it has no say.
    :returns: the user, and what the cookie is to say.
    :raises Forbidden: nobody is logged in with Kerberos, or the name is none.
    """
    if principal is None:
        raise Forbidden(f"Can't log-in using GSSAPI: {NO_CREDENTIALS}")
    user = _user(tx, principal)
    key = secrets.token_urlsafe(32)
    tx.session.execute(delete(LoginSession).where(LoginSession.expires_on <= tx.now))
    tx.session.add(LoginSession(key_hash=_hash(key), user_id=user.id, expires_on=tx.now + SESSION_SECONDS))
    return user, key


def find(tx: Transaction, key: str) -> User | None:
    """The user whose session this is, if there is one and it is not over."""
    session = tx.session.get(LoginSession, _hash(key))
    if session is None or session.expires_on <= tx.now:
        return None
    return tx.session.get_one(User, session.user_id)


def _user(tx: Transaction, principal: str) -> User:
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
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
