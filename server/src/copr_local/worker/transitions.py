"""Transitions: changes of the state of a step, written to the database.

A transition is a function, most often one of `rules.queue`. It moves a step from one state to the next, in
one transaction.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from ..data.database import Database, Transaction
from ..data.outages import Outage
from ..rules.errors import Conflict, NotFound
from ..rules.queue import Step

RETRY_INTERVAL = 1.0  # seconds between two attempts while the database cannot be written

Transition = Callable[[Transaction, Step], None]

log = logging.getLogger(__name__)


class Transitions:
    """The transitions of one service's steps.

    :param database: the database with the queue.
    :param stopping: event that is set when the service stops.
    """

    def __init__(self, database: Database, stopping: threading.Event) -> None:
        self._database = database
        self._stopping = stopping

    @property
    def is_stopping(self) -> bool:
        """True if the service is stopping."""
        return self._stopping.is_set()

    def apply(self, step: Step, transition: Transition) -> bool:
        """Apply a transition once.

        :param step: the step.
        :param transition: the change of its state.
        :returns: True if it was applied; False if the state of the step does not allow it any more: the step
            was cancelled or requeued, or its build was deleted.
        :raises Overtaken: the step has another claim by now.
        :raises Outage: the database cannot be written.
        """
        try:
            with self._database.writing(is_of_builder=True) as tx:
                transition(tx, step)
        except (Conflict, NotFound) as error:
            log.debug("%s: %s", step, error)
            return False
        return True

    def record(self, step: Step, transition: Transition) -> bool:
        """Apply a transition, and retry while the database cannot be written, for example on a full disk.

        :param step: the step.
        :param transition: the change of its state.
        :returns: True if it was applied; False if the state of the step does not allow it any more.
        :raises Overtaken: the step has another claim by now.
        :raises Outage: the service is stopping, and the database still cannot be written. The next
            start requeues the step.
        """
        while True:
            try:
                return self.apply(step, transition)
            except Outage as error:
                log.warning("the state of %s cannot be written yet: %s", step, error.orig)
                if self.pause():
                    raise

    def pause(self) -> bool:
        """Wait between two attempts to use a database that has failed.

        :returns: True if the service is stopping.
        """
        return self._stopping.wait(RETRY_INTERVAL)
