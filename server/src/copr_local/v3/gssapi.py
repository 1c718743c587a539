"""`/gssapi_login`: a session for somebody whom a front end has authenticated with Kerberos.

This service speaks no Kerberos. A web server in front of it may, and say in a header who it is (the setting
`remote_user_header`); it must take that header out of what clients send. Without the setting nobody comes in.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import jsonify, redirect, request
from werkzeug import Response as BaseResponse

from ..data.database import Transaction
from ..data.models import User
from ..rules import sessions
from ..wire.context import service, writing
from ..wire.credentials import COOKIE
from . import render
from .routes import api


@api.get("/gssapi_login")
def gssapi_login() -> Any:
    """A session for an API client; its cookie goes before a token."""
    with writing() as tx:
        user, key = _log_in(tx)
        return _with_cookie(tx, jsonify(render.user(user)), key)


@api.get("/gssapi_login/web-ui")
def gssapi_login_of_browser() -> Any:
    """A session for somebody with a browser, who is sent to the pages."""
    with writing() as tx:
        _, key = _log_in(tx)
        return _with_cookie(tx, redirect(request.url_root), key)


def _log_in(tx: Transaction) -> tuple[User, str]:
    header = service().remote_user_header
    return sessions.log_in(tx, request.headers.get(header) if header else None)


def _with_cookie(tx: Transaction, response: BaseResponse, key: str) -> BaseResponse:
    expires = datetime.fromtimestamp(tx.now + sessions.SESSION_SECONDS, UTC)
    response.set_cookie(COOKIE, key, expires=expires, httponly=True, samesite="Lax")
    return response
