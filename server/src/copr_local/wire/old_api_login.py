"""Authentication for API v1 and v2: HTTP basic authentication with a login and an API token.

The check runs before the endpoint reads the body. The server has received the whole body by then, but
`http/parser.py` has already refused a large body without credentials.
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
    """Protect an endpoint: only requests with a valid token reach it.

    For other requests it raises `AuthenticationRequired`.

    :param view: function of the endpoint.
    :returns: the function with the check.
    :source: RFC 7617 (HTTP basic authentication)
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        with reading() as tx:
            found = users.authenticate(tx, *_credentials())
            g.user_id, g.user_name = found.id, found.name
        return view(*args, **kwargs)

    return checked  # type: ignore[return-value]


def caller(tx: Transaction) -> User:
    """Return the user who sent the request, or the user for whom a proxy user sent it.

    Call this only in endpoints with `needs_login`.

    :param tx: the transaction.
    :returns: the user.
    :raises NotFound: a proxy user acts for a user who does not exist.
    """
    user = tx.session.get_one(User, g.user_id)
    if user.proxy and "username" in request.form:
        return users.get(tx, request.form["username"])
    return user


def _credentials() -> tuple[str, str]:
    """Return the login and the token of the current request."""
    try:
        return basic(request.headers.get("Authorization", ""))
    except ValueError as error:
        raise AuthenticationRequired("Login invalid/expired.") from error
