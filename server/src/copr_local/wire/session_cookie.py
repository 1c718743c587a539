"""The session cookie in a response: set at a login, removed at a logout."""

from __future__ import annotations

from datetime import UTC, datetime

from werkzeug import Response

from ..data.database import Transaction
from ..rules import sessions
from .context import service
from .credentials import COOKIE


def is_https() -> bool:
    """Return True if clients reach the service with HTTPS.

    :returns: True if browsers may send its cookies over HTTPS only.
    """
    return service().public_url.startswith("https:")


def set_cookie(tx: Transaction, response: Response, key: str) -> Response:
    """Set the session cookie.

    :param tx: transaction in which the session was started.
    :param response: response to a login.
    :param key: value of the cookie.
    :returns: the same response.
    """
    expires = datetime.fromtimestamp(tx.now + sessions.SESSION_SECONDS, UTC)
    response.set_cookie(COOKIE, key, expires=expires, secure=is_https(), httponly=True, samesite="Lax")
    return response


def remove_cookie(response: Response) -> Response:
    """Remove the session cookie.

    :param response: response to a logout.
    :returns: the same response.
    """
    response.delete_cookie(COOKIE, secure=is_https(), httponly=True, samesite="Lax")
    return response
