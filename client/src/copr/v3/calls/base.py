"""Calls that every proxy has: who am I, and what is there."""

from __future__ import annotations

from ..._calls import record
from ..._typing import TYPE_CHECKING
from ..._wire import Call

if TYPE_CHECKING:
    from ...results import Home, Token, User


def home() -> Call[Home]:
    """Ask the service which API this is.

    Returns a record with `version`, 3.

    Raises CoprConnectionException or CoprTimeoutException where there is no answer, CoprRequestException
    where the service refuses. Source: GET /
    """
    return Call("GET", "/", decode=record)


def auth_check() -> Call[User]:
    """Ask the service whom the configured login and token belong to.

    Returns a record with `name` and `id`.

    Raises CoprAuthException where there are no credentials, or the service does not accept them;
    CoprConnectionException or CoprTimeoutException where there is no answer. Source: GET /auth-check
    """
    return Call("GET", "/auth-check", decode=record, login=True)


def new_api_token() -> Call[Token]:
    """Replace the configured token by a new one; the old one no longer works.

    Returns a record with `api_login`, `api_token` and `expiration` (a date, "YYYY-MM-DD").

    Raises CoprAuthException where there are no credentials, or the service does not accept them;
    CoprConnectionException or CoprTimeoutException where there is no answer. Source: POST /api-token
    """
    return Call("POST", "/api-token", decode=record, login=True)
