"""Who asks: HTTP basic authentication with a login and an API token.

The check comes before anything is read of the body, so an upload with a wrong token is refused at once.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import g, request

from ..context import reading
from ..db import Transaction
from ..models import User
from ..rules import users
from ..rules.errors import AuthenticationRequired
from .errors import Crash

View = TypeVar("View", bound=Callable[..., Any])


def needs_login(view: View) -> View:
    """Let only requests with a valid token through to an endpoint."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        login, token = _credentials()
        with reading() as tx:
            g.user_id = users.authenticate(tx, login, token).id
        return view(*args, **kwargs)

    return checked  # type: ignore[return-value]


def caller(tx: Transaction) -> User:
    """The user who asks; only behind `needs_login`."""
    return tx.session.get_one(User, g.user_id)


def _credentials() -> tuple[str, str]:
    header = request.headers.get("Authorization")
    if header is None:
        raise AuthenticationRequired("Login invalid/expired.")
    scheme, _, encoded = header.partition(" ")
    try:
        login, token = base64.b64decode(encoded).decode().split(":")
    except (ValueError, binascii.Error):
        raise Crash from None
    if scheme.lower() != "basic":
        raise Crash
    return login, token
