"""What the head of a request says of who asks: a login and an API token, or the cookie of a session.

Whether it is true is what the APIs ask the rules (`v1/login.py`, `v3/login.py`).
"""

from __future__ import annotations

import base64

from werkzeug.http import parse_cookie

COOKIE = "session"


def basic(header: str) -> tuple[str, str]:
    """The login and the token of an `Authorization` header (HTTP basic authentication, RFC 7617).

    Like the original it does not look at the scheme, nor at what is no base64.

    :raises ValueError: the two are not in it.
    """
    _scheme, encoded, *_rest = header.split()
    login, token = base64.b64decode(encoded).decode().split(":")
    return login, token


def are_there(authorization: str, cookies: str) -> bool:
    """Whether somebody says who it is, in the headers `Authorization` and `Cookie`."""
    return bool(authorization) or COOKIE in parse_cookie(cookies)
