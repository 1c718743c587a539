"""Who asks: HTTP basic authentication with a login and an API token, for API v1 and v2.

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
from ..rules import users
from ..rules.errors import AuthenticationRequired
from .context import reading
from .credentials import basic

View = TypeVar("View", bound=Callable[..., Any])


def needs_login(view: View) -> View:
    """Let only requests with a valid token through to an endpoint."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        with reading() as tx:
            g.user_id = users.authenticate(tx, *_credentials()).id
        return view(*args, **kwargs)

    return checked  # type: ignore[return-value]


def caller(tx: Transaction) -> User:
    """The user who asks, or for whom a proxy asks; only behind `needs_login`.

    :raises NotFound: a proxy asks for a user who does not exist.
    """
    user = tx.session.get_one(User, g.user_id)
    if user.proxy and "username" in request.form:
        return users.get(tx, request.form["username"])
    return user


def _credentials() -> tuple[str, str]:
    try:
        return basic(request.headers.get("Authorization", ""))
    except ValueError as error:
        raise AuthenticationRequired("Login invalid/expired.") from error
