"""What the head of a request says of who asks: a login and an API token, or the cookie of a session.

Whether it is true is what the APIs ask the rules (`v1/login.py`, `v3/login.py`).
"""

from __future__ import annotations

import base64

from werkzeug.http import parse_cookie

COOKIE = "session"


def basic(header: str) -> tuple[str, str]:
    """The login and the token of an `Authorization` header (HTTP basic authentication, RFC 7617).

    :raises ValueError: it has another scheme, or not the two.
    """
    scheme, _, encoded = header.partition(" ")
    login, token = base64.b64decode(encoded, validate=True).decode().split(":")
    if scheme.lower() != "basic":
        raise ValueError(f"{scheme!r} is not the scheme of a login and a token")
    return login, token


def are_there(authorization: str, cookies: str) -> bool:
    """Whether somebody says who it is, in the headers `Authorization` and `Cookie`."""
    return bool(authorization) or COOKIE in parse_cookie(cookies)
