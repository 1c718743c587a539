"""`/gssapi_login`: sessions for users whom a frontend web server has authenticated with Kerberos.

This service does not speak Kerberos. A web server in front of it can, and then sends the user's name in a
header (the setting `remote_user_header`). That server must remove the header from the requests of clients. It
proves itself by a secret in another header, since others can reach this service directly, too: users of this
machine, and builds with network. Without the setting, these logins are refused.
"""

from __future__ import annotations

import hmac
from typing import Any

from flask import jsonify, redirect, request

from ..data.database import Transaction
from ..data.models import User
from ..rules import sessions
from ..wire.context import service, writing
from ..wire.session_cookie import set_cookie
from . import render
from .routes import api

SECRET_HEADER = "X-Copr-Secret"  # noqa: S105 - the name of a header


@api.get("/gssapi_login")
def gssapi_login() -> Any:
    """Start a session for an API client; its cookie has priority over an API token.

    :returns: name and id of the user, with the session cookie.
    :raises Forbidden: the web server in front has not authenticated a user, or the user name is invalid.
    :source: ``GET /api_3/gssapi_login``
    """
    with writing() as tx:
        user, key = _log_in(tx)
        return set_cookie(tx, jsonify(render.user(user)), key, of_api=True)


@api.get("/gssapi_login/web-ui")
def gssapi_login_of_browser() -> Any:
    """Start a session for a browser, and redirect it to the web pages.

    :returns: the redirect, with the session cookie.
    :raises Forbidden: the web server in front has not authenticated a user, or the user name is invalid.
    :source: ``GET /api_3/gssapi_login/web-ui``
    """
    with writing() as tx:
        _, key = _log_in(tx)
        return set_cookie(tx, redirect(request.url_root), key)


def _log_in(tx: Transaction) -> tuple[User, str]:
    """Start a session for the user in the header; return the user and the cookie's value."""
    header, secret = service().remote_user_header, service().remote_user_secret
    given = request.headers.get(SECRET_HEADER, "")
    is_trusted = secret is None or hmac.compare_digest(given.encode(), secret.encode())
    return sessions.log_in(tx, request.headers.get(header) if header and is_trusted else None)
