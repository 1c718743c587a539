"""Service processes that have died: the programs of their builds are ended, and their steps are requeued.

A process is dead if its lock is free. A frozen one still has it: its steps wait for the end of their leases.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from ..builders.sandbox.leftovers import end_leftovers, mark_of
from ..data.database import Database
from ..rules import interruptions
from ..rules.errors import Conflict, NotFound, Overtaken
from ..rules.queue import Step

log = logging.getLogger(__name__)


def clean_up(database: Database) -> None:
    """End what processes that have died have left on this machine, and requeue the steps that they built.

    :param database: the database.
    :raises Outage: the database cannot be used now; the steps are requeued when their leases end.
    :raises OSError: unfinished results cannot be moved into the trash, or a lock cannot be opened.
    """
    for process in database.data_folder.dead_processes():
        if process.folder.exists() and end_leftovers(mark_of(process.folder)):
            log.info("programs of builds of a service process that has died were running; they are ended")
        for step in (Step(*claim) for claim in process.claims):
            # It may have ended, or have another claim by now.
            with suppress(Conflict, NotFound, Overtaken):
                with database.writing() as tx:
                    interruptions.resume(tx, step)
                log.info("the service process of %s has died; the step is requeued", step)
