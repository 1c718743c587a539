"""Maintenance: removes expired data, writes requested repository metadata, and empties the trash.

It also makes file changes that are still pending after a crash or on a full disk
(`data/deferred_file_changes.py`).

- Each task and each repository is handled separately: an error in one does not delay the others.
- Failed file changes and failed metadata are retried after a pause, which doubles each time, up to a minute.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import delete, select

from ..data import deferred_file_changes
from ..data.database import Database
from ..data.pending_work import RepositoryUpdate
from ..filesystem.layout import DEVEL
from ..rules import expiry
from .dead_processes import clean_up

POLL_INTERVAL = 5.0  # seconds
ROOTS_INTERVAL = 3600.0  # seconds between two searches for unused roots
_FILES = ""  # key of the pending file changes among the keys of repositories
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # seconds

log = logging.getLogger(__name__)


class Maintenance:
    """The maintenance of one data folder.

    :param database: database of the data folder.
    :param update_repository: writes the metadata of the repository in a folder, and returns the RPMs that it
        cannot list.
    :param clock: returns the time of a monotonic clock, in seconds.
    """

    def __init__(
        self,
        database: Database,
        update_repository: Callable[[Path], Mapping[str, str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._write_metadata = update_repository
        self._clock = clock
        self._next_roots = float("-inf")
        self._postponed: dict[str, tuple[float, float]] = {}  # key -> (next attempt, pause after it)

    def run(self) -> float:
        """Do all tasks that are due, if this process leads; log their errors.

        :returns: seconds until the next call, unless a commit happens before.
        """
        if not self._database.is_leading():
            return POLL_INTERVAL
        for task in (
            self._end_dead,
            self._remove_due,
            self._change_files,
            self._update_repositories,
            self._empty_trash,
            self._remove_roots,
        ):
            try:
                task()
            except Exception:
                log.exception("an error in the maintenance; it continues")
        soonest = min((not_before for not_before, _ in self._postponed.values()), default=float("inf"))
        return max(0.0, min(POLL_INTERVAL, soonest - self._clock()))

    def update_repository(self, directory: Path) -> Mapping[str, str]:
        """Write the metadata of a repository; do nothing if its chroot folder was deleted.

        Pending file changes of the chroot folder are made first.

        :param directory: folder of the repository: a chroot folder, or `devel` in it.
        :returns: RPMs that cannot be listed: path in the chroot folder to the reason.
        :raises OSError: pending file changes cannot be made yet.
        :raises Outage: the database cannot be used now.
        :raises BuildFailed: the metadata cannot be written.
        """
        chroot = directory.parent if directory.name == DEVEL else directory
        self._database.settle(chroot)
        return self._write_metadata(directory) if chroot.is_dir() else {}

    def _remove_due(self) -> None:
        with self._database.reading() as tx:
            is_anything_due = expiry.is_anything_due(tx)
        if is_anything_due:
            with self._database.writing() as tx:
                expiry.remove_due(tx)

    def _change_files(self) -> None:
        with self._database.reading() as tx:
            is_anything_pending = deferred_file_changes.is_anything_pending(tx.session)
        if is_anything_pending and not self._is_due(_FILES):
            return
        if is_anything_pending and not self._database.carry_out():
            self._postpone(_FILES)
        else:
            self._postponed.pop(_FILES, None)

    def _update_repositories(self) -> None:
        """Write the metadata of all repositories that have an update request in the database."""
        with self._database.reading() as tx:
            requests = tx.session.execute(select(RepositoryUpdate.directory, RepositoryUpdate.id)).all()
        ids_of: dict[str, list[int]] = {}
        for directory, request_id in requests:
            ids_of.setdefault(directory, []).append(request_id)
        self._postponed = {what: when for what, when in self._postponed.items() if what in {_FILES, *ids_of}}
        for directory, ids in ids_of.items():
            if not self._is_due(directory):
                continue
            try:
                self.update_repository(self._database.data_folder.results / directory)
            except Exception as reason:
                pause = self._postpone(directory)
                log.warning("cannot write the metadata of %s; retry in %g s: %s", directory, pause, reason)
                continue
            self._postponed.pop(directory, None)
            with self._database.writing() as tx:
                tx.session.execute(delete(RepositoryUpdate).where(RepositoryUpdate.id.in_(ids)))

    def _is_due(self, what: str) -> bool:
        not_before, _ = self._postponed.get(what, (0.0, FIRST_PAUSE))
        return self._clock() >= not_before

    def _postpone(self, what: str) -> float:
        """Set the time of the next attempt, and return the pause until then in seconds."""
        _, pause = self._postponed.get(what, (0.0, FIRST_PAUSE))
        self._postponed[what] = self._clock() + pause, min(2 * pause, LONGEST_PAUSE)
        return pause

    def _empty_trash(self) -> None:
        self._database.data_folder.empty_trash()

    def _end_dead(self) -> None:
        """Deal with service processes that have died."""
        clean_up(self._database)

    def _remove_roots(self) -> None:
        """Remove installed roots that were not used for long, and those that a killed service left."""
        if self._clock() < self._next_roots:
            return
        self._next_roots = self._clock() + ROOTS_INTERVAL
        roots = self._database.data_folder.roots
        if roots.exists():
            from ..builders.roots.store import remove_unused

            remove_unused(roots)
