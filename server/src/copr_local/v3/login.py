"""Who asks: HTTP basic authentication with a login and an API token, or the cookie of a session.

A session goes before a token, as in the original; one that is over does not count.

The check comes before anything is made of the body. The server has all of it by then; what is too large for
somebody who does not say who it is, it has refused (`http_connection`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import g, request

from ..data.database import Transaction
from ..data.models import User
from ..rules import sessions, users
from ..rules.errors import AuthenticationRequired
from ..wire.context import reading
from ..wire.credentials import COOKIE, basic
from .errors import Crash

View = TypeVar("View", bound=Callable[..., Any])


def needs_login(view: View) -> View:
    """Let only requests with a session or a valid token through to an endpoint."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        with reading() as tx:
            user = sessions.find(tx, request.cookies[COOKIE]) if COOKIE in request.cookies else None
            g.user_id = (user or users.authenticate(tx, *_credentials())).id
        return view(*args, **kwargs)

    checked.needs_login = True  # type: ignore[attr-defined]
    return checked  # type: ignore[return-value]


def caller(tx: Transaction) -> User:
    """The user who asks; only behind `needs_login`."""
    return tx.session.get_one(User, g.user_id)


def _credentials() -> tuple[str, str]:
    header = request.headers.get("Authorization")
    if header is None:
        raise AuthenticationRequired("Login invalid/expired.")
    try:
        return basic(header)
    except ValueError:
        raise Crash from None
