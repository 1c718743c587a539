"""Calls that every proxy has: the API's version, the user of the credentials, and a new token."""

from __future__ import annotations

from ..._calls import record
from ..._typing import TYPE_CHECKING
from ..._wire import Call

if TYPE_CHECKING:
    from ...results import Home, Token, User


def home() -> Call[Home]:
    """Return the version of the API that the service speaks.

    :returns: a record with `version`, which is 3.
    :raises CoprRequestException: the service reports an error, or it is not a Copr service.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /``
    """
    return Call("GET", "/", decode=record)


def auth_check() -> Call[User]:
    """Return the user whose credentials are configured, as the service knows them.

    :returns: a record with `id` and `name`.
    :raises CoprAuthException: no credentials are configured, or the service does not accept them.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /auth-check``
    """
    return Call("GET", "/auth-check", decode=record, login=True)


def new_api_token() -> Call[Token]:
    """Replace the configured API token with a new one.

    The old token stops working. The client does not store the new token: put it into the configuration.

    :returns: a record with `api_login`, `api_token` and `expiration` (a date, "YYYY-MM-DD", UTC).
    :raises CoprAuthException: no credentials are configured, or the service does not accept them.
    :raises CoprRequestException: the service reports another error.
    :raises CoprConnectionException: the service cannot be reached, or its response was lost. If the response
        was lost, the old token may have stopped working.
    :raises CoprTimeoutException: the service does not respond in time. The old token may have stopped
        working.
    :source: ``POST /api-token``
    """
    return Call("POST", "/api-token", decode=record, login=True)
