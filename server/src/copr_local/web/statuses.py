"""The HTTP status of pages for each kind of error of the rules."""

from __future__ import annotations

from ..rules.errors import AuthenticationRequired, Conflict, Forbidden, NotFound, RuleError

_STATUS: dict[type[RuleError], int] = {
    AuthenticationRequired: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
}


def status_of(error: RuleError) -> int:
    """Return the status of a page for an error.

    :param error: the error of a rule.
    :returns: the HTTP status; 400 for all kinds that have no status of their own.
    """
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)
