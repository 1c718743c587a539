"""Errors on the wire: `{"error": text}`, and the status that belongs to each kind.

The original answers 500 to some mistakes of its users. Programs have seen those answers for years, so they
are the same here; `Crash` marks each place.
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
    NotFinished: 500,
    CannotOrder: 500,
}
UNKNOWN_ENDPOINT = "Such API endpoint doesn't exist"
CRASHED = "Request wasn't successful, there is probably a bug in the Copr code."

log = logging.getLogger(__name__)


class Crash(Exception):
    """The original answers 500 here, with this text."""

    def __init__(self, text: str = CRASHED) -> None:
        super().__init__(text)


def answer(text: str, status: int) -> Response:
    """An answer that is an error."""
    response = jsonify(error=text)
    response.status_code = status
    return response


@api.errorhandler(RuleError)
def rule_error(error: RuleError) -> Response:
    """What a rule refused."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    return answer(str(error), status)


@api.errorhandler(AuthenticationRequired)
def not_logged_in(error: AuthenticationRequired) -> Response:
    """A missing or wrong token; the text says where there are new ones."""
    where = f"{service().public_url}/api"
    response = jsonify(output="notok", error=f"{error} Please visit {where} to get or renew your API token.")
    response.status_code = 401
    return response


@api.errorhandler(Crash)
def crash(error: Crash) -> Response:
    """A mistake of the user that the original answers with 500."""
    return answer(str(error), 500)


@api.errorhandler(HTTPException)
def http_error(error: HTTPException) -> Response:
    """What Flask refused: too large, no JSON ..."""
    return answer(error.description or error.name, error.code or 500)


@api.errorhandler(Exception)
def fault(error: Exception) -> Response:
    """A fault of this program; the traceback goes to its log, and not to the client."""
    log.error("a request failed", exc_info=error)
    return answer(CRASHED, 500)
