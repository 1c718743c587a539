"""Errors of API v3: `{"error": text}`, and the status of each kind of error.

The real Copr frontend answers some mistakes of its users with status 500. Programs have relied on that for
years, so this service does the same. `Crash` marks these places.
"""

from __future__ import annotations

import logging

from flask import Response, jsonify
from werkzeug.exceptions import HTTPException

from ..rules.errors import (
    AuthenticationRequired,
    Conflict,
    Forbidden,
    Invalid,
    NotFinished,
    NotFound,
    RuleError,
)
from ..rules.listing import CannotOrder
from ..wire.context import service
from .routes import api

STATUS: dict[type[RuleError], int] = {
    Invalid: 400,
    AuthenticationRequired: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    NotFinished: 400,
    CannotOrder: 500,
}
UNKNOWN_ENDPOINT = "Such API endpoint doesn't exist"
CRASHED = "Request wasn't successful, there is probably a bug in the Copr code."

log = logging.getLogger(__name__)


class Crash(Exception):
    """An error that the real Copr frontend answers with status 500.

    :param text: the error text of the response.
    """

    def __init__(self, text: str = CRASHED) -> None:
        super().__init__(text)


def answer(text: str, status: int) -> Response:
    """Return an error response.

    :param text: the error text.
    :param status: HTTP status.
    :returns: the response, `{"error": text}`.
    """
    response = jsonify(error=text)
    response.status_code = status
    return response


@api.errorhandler(RuleError)
def rule_error(error: RuleError) -> Response:
    """Return the response for an error of the rules.

    :param error: error that a rule raised; its text goes to the client.
    :returns: the response, with the status of its class in `STATUS`.
    """
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return answer(str(error), status)


@api.errorhandler(AuthenticationRequired)
def not_logged_in(error: AuthenticationRequired) -> Response:
    """Return the response for missing or invalid credentials; its text says where to get a new token.

    :param error: error of the login check; the response's text begins with its text.
    :returns: the response, with status 401.
    """
    where = f"{service().public_url}/api"
    response = jsonify(output="notok", error=f"{error} Please visit {where} to get or renew your API token.")
    response.status_code = 401
    return response


@api.errorhandler(Crash)
def crash(error: Crash) -> Response:
    """Return the response for a mistake of the user that the real Copr frontend answers with status 500.

    :param error: error that an endpoint raised; its text goes to the client.
    :returns: the response, with status 500.
    """
    return answer(str(error), 500)


@api.errorhandler(HTTPException)
def http_error(error: HTTPException) -> Response:
    """Return the response for an error of Flask, such as a body that is too large or not JSON.

    :param error: error with a status; its description goes to the client.
    :returns: the response, with the status of the error.
    """
    return answer(error.description or error.name, error.code or 500)


@api.errorhandler(Exception)
def fault(error: Exception) -> Response:
    """Log an unexpected exception with its traceback, and return a response without details.

    :param error: exception that no other handler accepts; its text stays in the log.
    :returns: the response, with status 500.
    """
    log.error("a request failed", exc_info=error)
    return answer(CRASHED, 500)
