"""Credentials in the headers of a request: a login and an API token, or a session cookie.

The APIs check them with the rules (`wire/old_api_login.py`, `v3/login.py`). The HTTP server checks them
earlier, before it accepts a large upload.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from sqlalchemy.exc import DBAPIError
from werkzeug.http import parse_cookie

from ..data.database import Database
from ..rules import sessions, users
from ..rules.errors import AuthenticationRequired

API_COOKIE = "session"  # name of the session cookie for API clients, which expect this name


def browser_cookie(public_url: str, kind: str = "session") -> str:
    """Return the name of a cookie for browsers, which differs between the services of one host.

    Browsers send the cookies of a host to all of its ports.

    :param public_url: URL by which clients reach the service.
    :param kind: what the cookie is for.
    :returns: a name such as `copr-session-2677`.
    :source: RFC 6265, section 8.5
    """
    url = urlsplit(public_url)
    port = url.port or (443 if url.scheme == "https" else 80)
    return f"copr-{kind}-" + re.sub(r"\W+", "-", f"{port}{url.path}")


def cookie_path(public_url: str) -> str:
    """Return the path of all cookies: browsers send them to this service only, not to others of the host.

    :param public_url: URL by which clients reach the service.
    :returns: the path of the URL, without a slash at the end; `/` if it has none.
    :source: RFC 6265, section 5.1.4
    """
    return urlsplit(public_url).path.rstrip("/") or "/"


def session_keys(public_url: str, cookies: Mapping[str, str]) -> list[str]:
    """Return the values of the session cookies of a request.

    :param public_url: URL by which clients reach the service.
    :param cookies: the cookies of the request.
    :returns: that of a browser, that of an API client, both or none.
    """
    return [cookies[name] for name in (browser_cookie(public_url), API_COOKIE) if cookies.get(name)]


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


def is_known(database: Database, public_url: str, authorization: str, cookies: str) -> bool:
    """Return True if the headers of a request have valid credentials.

    :param database: database of the users.
    :param public_url: URL by which clients reach the service.
    :param authorization: value of the `Authorization` header; empty if there is none.
    :param cookies: value of the `Cookie` header; empty if there is none.
    :returns: True for the login and token of a user, or the cookie of a session. False also if the database
        cannot be read.
    """
    keys = session_keys(public_url, parse_cookie(cookies))
    if not (authorization or keys):
        return False
    try:
        with database.reading() as tx:
            if any(sessions.find(tx, key) for key in keys):
                return True
            users.authenticate(tx, *basic(authorization))
            return True
    except (ValueError, AuthenticationRequired, DBAPIError):
        return False
