"""Outages: errors of the database after which the same work may succeed later.

All other errors of the database are errors of this program, such as a statement with too many values. They
stay as SQLAlchemy raises them.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError


class Cause(Enum):
    """The cause of an outage, as far as users are told about it."""

    FULL_DISK = "full disk"
    LOCKED = "locked"
    UNAVAILABLE = "unavailable"


class Outage(OperationalError):
    """The database cannot be used now. The same work may succeed later.

    :param cause: what is wrong.
    :param error: the error as SQLAlchemy raises it.
    """

    def __init__(self, cause: Cause, error: DBAPIError) -> None:
        super().__init__(
            error.statement,
            error.params,
            error.orig or error,
            hide_parameters=error.hide_parameters,
            connection_invalidated=error.connection_invalidated,
        )
        self.cause = cause


def name_outages(engine: Engine, cause_of: Callable[[ExceptionContext], Cause | None]) -> None:
    """Let an engine raise `Outage` for the errors that are outages.

    :param engine: the engine.
    :param cause_of: returns the cause of an error of the driver; None if it is not an outage.
    """

    @event.listens_for(engine, "handle_error")
    def name(context: ExceptionContext) -> Outage | None:
        error = context.sqlalchemy_exception
        if not isinstance(error, OperationalError | InternalError):
            return None
        cause = cause_of(context)
        return None if cause is None else Outage(cause, error)
