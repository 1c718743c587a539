"""Errors on the wire: `{"output": "notok", "error": text}`, and the status that belongs to each kind.

API v1 says 500 to whatever it does not accept, unless nobody is logged in (401), something is not there (404)
or, at some endpoints, the caller may not (403). Old clients show the text and do not look at the status.
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
    """What API v1 does not accept: a text, or for some forms the texts of each field."""

    def __init__(self, text: str | dict[str, Any], status: int = 500) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


@contextmanager
def refusing(kind: type[RuleError], text: str = "Invalid request: {}") -> Iterator[None]:
    """Say 500 and this text where a rule refuses with an error of a kind; `{}` stands for the rule's own."""
    try:
        yield
    except kind as error:
        raise Refused(text.format(error)) from error


def answer(text: str | dict[str, Any], status: int) -> Response:
    """An answer that is an error."""
    response = jsonify(output="notok", error=text)
    response.status_code = status
    return response


@api.errorhandler(Refused)
def refused(error: Refused) -> Response:
    """What this API does not accept."""
    return answer(error.text, error.status)


@api.errorhandler(RuleError)
def rule_error(error: RuleError) -> Response:
    """What a rule refused."""
    return answer(str(error), next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS))


@api.errorhandler(AuthenticationRequired)
def not_logged_in(error: AuthenticationRequired) -> Response:
    """A missing or wrong token; the text says where there are new ones."""
    where = f"{service().public_url}/api"
    return answer(f"{error} Please visit {where} to get or renew your API token.", 401)


@api.errorhandler(HTTPException)
def http_error(error: HTTPException) -> Response:
    """What Flask refused: too large, no form ..."""
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()  # type: ignore[return-value]
    return answer(error.description or error.name, error.code or 500)


@api.errorhandler(Exception)
def fault(error: Exception) -> Response:
    """A fault of this program; the traceback goes to its log, and not to the client."""
    log.error("a request failed", exc_info=error)
    return answer(CRASHED, 500)
