"""Credentials in the headers of a request: a login and an API token, or a session cookie.

The APIs check them with the rules (`wire/old_api_login.py`, `v3/login.py`). The HTTP server checks them
earlier, before it accepts a large upload.
"""

from __future__ import annotations

import base64

from sqlalchemy.exc import DBAPIError
from werkzeug.http import parse_cookie

from ..data.database import Database
from ..rules import sessions, users
from ..rules.errors import AuthenticationRequired

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


def is_known(database: Database, authorization: str, cookies: str) -> bool:
    """Return True if the headers of a request have valid credentials.

    :param database: database of the users.
    :param authorization: value of the `Authorization` header; empty if there is none.
    :param cookies: value of the `Cookie` header; empty if there is none.
    :returns: True for the login and token of a user, or the cookie of a session. False also if the database
        cannot be read.
    """
    key = parse_cookie(cookies).get(COOKIE)
    if not (authorization or key):
        return False
    try:
        with database.reading() as tx:
            if key and sessions.find(tx, key) is not None:
                return True
            users.authenticate(tx, *basic(authorization))
            return True
    except (ValueError, AuthenticationRequired, DBAPIError):
        return False
