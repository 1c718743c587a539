"""Authentication: HTTP basic authentication with a login and an API token, or a session cookie.

A valid session has priority over a token, as in the real Copr frontend. An expired session is ignored.

The check comes before any use of the body. By then the server has received the whole body;
`http/connection.py` refuses large bodies of requests without credentials.
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
    """Let only requests with a valid session or API token through to an endpoint.

    Other requests get an `AuthenticationRequired` error, or `Crash` for a malformed `Authorization` header.

    :param view: endpoint that can then use `caller`.
    :returns: the endpoint with the check.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        with reading() as tx:
            user = sessions.find(tx, request.cookies[COOKIE]) if COOKIE in request.cookies else None
            g.user_id = (user or users.authenticate(tx, *_credentials())).id
        return view(*args, **kwargs)

    checked.needs_login = True  # type: ignore[attr-defined]
    return checked  # type: ignore[return-value]


def caller(tx: Transaction) -> User:
    """Return the user who sent the request; only for endpoints with `needs_login`.

    :param tx: the open transaction.
    :returns: the user.
    """
    return tx.session.get_one(User, g.user_id)


def _credentials() -> tuple[str, str]:
    """Return the login and the token of the `Authorization` header."""
    header = request.headers.get("Authorization")
    if header is None:
        raise AuthenticationRequired("Login invalid/expired.")
    try:
        return basic(header)
    except ValueError:
        raise Crash from None
