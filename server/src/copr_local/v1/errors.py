"""Errors of API v1: the JSON `{"output": "notok", "error": text}`, and the status of each kind of error.

Most errors have the status 500. The exceptions are 401 (not logged in), 404 (not found) and, at some
endpoints, 403 (not allowed). Old clients show the text and ignore the status.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, jsonify
from werkzeug.exceptions import HTTPException

from ..rules.errors import AuthenticationRequired, Forbidden, NotFound, RuleError, UnknownChroot
from ..wire.context import service
from .routes import api

STATUS: dict[type[RuleError], int] = {Forbidden: 403, NotFound: 404, UnknownChroot: 404, RuleError: 500}
CRASHED = "Request wasn't successful, there is probably a bug in the Copr code."

log = logging.getLogger(__name__)


class Refused(Exception):
    """A request that API v1 refuses.

    :param text: the text of the error; at some endpoints, the texts by field.
    :param status: the HTTP status.
    """

    def __init__(self, text: str | dict[str, Any], status: int = 500) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@contextmanager
def refusing(kind: type[RuleError], text: str = "Invalid request: {}") -> Iterator[None]:
    """Turn errors of a rule into `Refused` with the status 500, in a `with` block.

    :param kind: the class of errors to turn.
    :param text: the text of the new error; `{}` stands for the text of the rule's error.
    :returns: a context manager.
    :raises Refused: the block raised an error of this class.
    """
    try:
        yield
    except kind as error:
        raise Refused(text.format(error)) from error


def answer(text: str | dict[str, Any], status: int) -> Response:
    """Return an error response.

    :param text: the text of the error, or the texts by field.
    :param status: the HTTP status.
    :returns: the response, in JSON.
    """
    response = jsonify(output="notok", error=text)
    response.status_code = status
    return response


@api.errorhandler(Refused)
def refused(error: Refused) -> Response:
    """Return the response for a request that this API refuses.

    :param error: the error.
    :returns: the response, with the error's own status.
    """
    return answer(error.text, error.status)


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
    where = f"{service().public_url}/api"
    return answer(f"{error} Please visit {where} to get or renew your API token.", 401)


@api.errorhandler(HTTPException)
def http_error(error: HTTPException) -> Response:
    """Return the response for an HTTP error of Flask, such as a body that is too large.

    :param error: the error.
    :returns: the response, in JSON; a redirect stays as it is.
    """
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()  # type: ignore[return-value]
    return answer(error.description or error.name, error.code or 500)


@api.errorhandler(Exception)
def fault(error: Exception) -> Response:
    """Return the response for an unexpected error. The traceback goes to the log, not to the client.

    :param error: the error.
    :returns: the response, with status 500.
    """
    log.error("a request failed", exc_info=error)
    return answer(CRASHED, 500)
