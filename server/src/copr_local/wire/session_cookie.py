"""The session cookie in a response: set at a login, removed at a logout."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from werkzeug import Response

from ..data.database import Transaction
from ..rules import sessions
from .context import service
from .credentials import API_COOKIE, browser_cookie, cookie_path


def is_https() -> bool:
    """Return True if clients reach the service with HTTPS.

    :returns: True if browsers may send its cookies over HTTPS only.
    """
    return service().public_url.startswith("https:")


def set_cookie(tx: Transaction, response: Response, key: str, *, of_api: bool = False) -> Response:
    """Set the session cookie.

    :param tx: transaction in which the session was started.
    :param response: response to a login.
    :param key: value of the cookie.
    :param of_api: True for an API client, False for a browser.
    :returns: the same response.
    """
    expires = datetime.fromtimestamp(tx.now + sessions.SESSION_SECONDS, UTC)
    name = API_COOKIE if of_api else browser_cookie(service().public_url)
    response.set_cookie(name, key, expires=expires, **_attributes())
    return response


def remove_cookie(response: Response) -> Response:
    """Remove the session cookie of a browser.

    :param response: response to a logout.
    :returns: the same response.
    """
    response.delete_cookie(browser_cookie(service().public_url), **_attributes())
    return response


def _attributes() -> dict[str, Any]:
    """Return what all session cookies have."""
    path = cookie_path(service().public_url)
    return {"path": path, "secure": is_https(), "httponly": True, "samesite": "Lax"}
