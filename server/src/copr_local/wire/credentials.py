"""Credentials in the headers of a request: a login and an API token, or a session cookie.

This module only reads them. The APIs check them with the rules (`wire/old_api_login.py`, `v3/login.py`).
"""

from __future__ import annotations

import base64

from werkzeug.http import parse_cookie

COOKIE = "session"  # name of the session cookie


def basic(header: str) -> tuple[str, str]:
    """Return the login and the API token of an `Authorization` header.

    Like the real Copr frontend, it ignores the scheme and characters that are not valid base64.

    :param header: value of the header.
    :returns: the login and the token.
    :raises ValueError: the header does not have a login and a token.
    :source: RFC 7617 (HTTP basic authentication)
    """
    _scheme, encoded, *_rest = header.split()
    login, token = base64.b64decode(encoded).decode().split(":")
    return login, token


def has_credentials(authorization: str, cookies: str) -> bool:
    """Return True if the headers of a request have credentials, valid or not.

    :param authorization: value of the `Authorization` header; empty if there is none.
    :param cookies: value of the `Cookie` header; empty if there is none.
    :returns: True if there is an `Authorization` header or a session cookie.
    """
    return bool(authorization) or COOKIE in parse_cookie(cookies)
