"""Errors on the wire: `{"message": text}`, with `data` about what was asked where there is some to tell.

What the original left to its pages for people (a group of others, a name that is none) is an HTML page here
too; the endpoints raise HTTP errors for that.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Response, jsonify
from werkzeug.exceptions import HTTPException

from ..rules.errors import AuthenticationRequired, Conflict, Forbidden, NotFound, RuleError
from ..wire.context import service
from ..wire.storage_errors import StorageError
from .routes import api

STATUS: dict[type[RuleError], int] = {Forbidden: 403, NotFound: 404, Conflict: 409, RuleError: 400}
CRASHED = "Request wasn't successful, there is probably a bug in the Copr code."

log = logging.getLogger(__name__)


class Refused(Exception):
    """What API v2 does not accept: a text, its status, and what there is to tell besides."""

    def __init__(self, text: str, status: int = 400, data: dict[str, Any] | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
        self.data = data


def answer(text: str, status: int, data: dict[str, Any] | None = None) -> Response:
    """An answer that is an error."""
    response = jsonify({"message": text, "data": data} if data else {"message": text})
    response.status_code = status
    return response


@api.errorhandler(Refused)
def refused(error: Refused) -> Response:
    """What this API does not accept."""
    return answer(error.text, error.status, error.data)


@api.errorhandler(RuleError)
def rule_error(error: RuleError) -> Response:
    """What a rule refused."""
    return answer(str(error), next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS))


@api.errorhandler(AuthenticationRequired)
def not_logged_in(error: AuthenticationRequired) -> Response:
    """A missing or wrong token; the text says where there are new ones."""
    where = service().public_url.partition("://")[2]
    return answer(f"{error} Please visit {where}/api get or renew your API token.", 401)


@api.errorhandler(StorageError)
def storage_error(error: StorageError) -> Response:
    """A fault that will pass."""
    return answer(error.description, error.code)


@api.errorhandler(Exception)
def fault(error: Exception) -> Any:
    """A fault of this program; the traceback goes to its log, and not to the client."""
    if isinstance(error, HTTPException):
        return error  # a page for people
    log.error("a request failed", exc_info=error)
    return answer(CRASHED, 500)
