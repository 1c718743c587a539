"""Writes into the database what became of a step.

A transition is a function of `rules.queue`: it moves a step from one state to the next, in one transaction.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sqlalchemy.exc import OperationalError

from ..data.database import Database, Transaction
from ..rules.errors import Conflict, NotFound
from ..rules.queue import Step

RETRY_INTERVAL = 1.0  # seconds between two tries while the database cannot be written

Transition = Callable[[Transaction, Step], None]

log = logging.getLogger(__name__)


class Transitions:
    """Applies transitions to the database of one service.

    :param database: where the queue is.
    :param stopping: set when the service stops.
    """

    def __init__(self, database: Database, stopping: threading.Event) -> None:
        self._database = database
        self._stopping = stopping

    @property
    def is_stopping(self) -> bool:
        """Whether the service stops."""
        return self._stopping.is_set()

    def apply(self, step: Step, transition: Transition) -> bool:
        """Apply a transition once.

        :param step: the step.
        :param transition: what to do with it.
        :returns: False if the step is no longer in a state that allows it: it was cancelled, its build was
            deleted, or the service has requeued it.
        :raises OperationalError: the database cannot be written.
        """
        try:
            with self._database.writing() as tx:
                transition(tx, step)
        except (Conflict, NotFound) as error:
            log.debug("%s: %s", step, error)
            return False
        return True

    def record(self, step: Step, transition: Transition) -> bool:
        """Apply a transition, and retry as long as the database cannot be written, as on a full disk.

        :param step: the step.
        :param transition: what to do with it.
        :returns: as of `apply`.
        :raises OperationalError: the service stops before it could be written. The next start requeues the
            step.
        """
        while True:
            try:
                return self.apply(step, transition)
            except OperationalError as error:
                log.warning("the state of %s cannot be written yet: %s", step, error.orig)
                if self._stopping.wait(RETRY_INTERVAL):
                    raise
