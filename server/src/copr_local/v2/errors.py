"""Errors of API v2: the JSON `{"message": text}`, and the status of each kind of error.

Some errors have a member `data` with details. For errors that the real Copr frontend showed as an HTML page
(no access to a group, a name that is not valid), endpoints raise HTTP errors, which become HTML pages here
too.
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
    """A request that API v2 refuses.

    :param text: the text of the error.
    :param status: the HTTP status.
    :param data: details of the request; None to leave them out.
    """

    def __init__(self, text: str, status: int = 400, data: dict[str, Any] | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
        self.data = data


def answer(text: str, status: int, data: dict[str, Any] | None = None) -> Response:
    """Return an error response.

    :param text: the text of the error.
    :param status: the HTTP status.
    :param data: details of the request; None to leave them out.
    :returns: the response, in JSON.
    """
    response = jsonify({"message": text, "data": data} if data else {"message": text})
    response.status_code = status
    return response


@api.errorhandler(Refused)
def refused(error: Refused) -> Response:
    """Return the response for a request that this API refuses.

    :param error: the error.
    :returns: the response, with the error's own status.
    """
    return answer(error.text, error.status, error.data)


@api.errorhandler(RuleError)
def rule_error(error: RuleError) -> Response:
    """Return the response for an error of a rule.

    :param error: the error.
    :returns: the response, with the status that `STATUS` has for its class or the nearest parent class.
    """
    return answer(str(error), next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS))


@api.errorhandler(AuthenticationRequired)
def not_logged_in(error: AuthenticationRequired) -> Response:
    """Return the response for a missing or wrong token; the text has the URL of the page with a new token.

    :param error: the error.
    :returns: the response, with status 401.
    """
    where = service().public_url.partition("://")[2]
    return answer(f"{error} Please visit {where}/api get or renew your API token.", 401)


@api.errorhandler(StorageError)
def storage_error(error: StorageError) -> Response:
    """Return the response for a storage error. The client can retry later.

    :param error: the error.
    :returns: the response, with the error's own status.
    """
    return answer(error.description, error.code)


@api.errorhandler(Exception)
def fault(error: Exception) -> Any:
    """Return the response for an unexpected error. The traceback goes to the log, not to the client.

    :param error: the error.
    :returns: the response, with status 500; an HTTP error becomes an HTML page.
    """
    if isinstance(error, HTTPException):
        return error  # becomes an HTML page
    log.error("a request failed", exc_info=error)
    return answer(CRASHED, 500)
