"""The housekeeper: removes what has had its time, writes metadata that was asked for, empties the trash.

- Each chore, and each repository, is by itself: what goes wrong with one delays no other.
- A repository whose metadata cannot be written waits, after each attempt twice as long, up to a minute. In
  between there are commits, each of which makes the housekeeper look.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import delete, select

from ..db import Database
from ..models import RepositoryUpdate
from ..rules import expiry
from .tasks import DEVEL

LOOK_ANYWAY = 5.0  # seconds
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0  # seconds

log = logging.getLogger(__name__)


class Housekeeper:
    """Keeps one data folder in order.

    :param update_repository: writes the metadata of a repository.
    :param clock: seconds of a clock that nobody sets.
    """

    def __init__(
        self,
        database: Database,
        update_repository: Callable[[Path], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._write_metadata = update_repository
        self._clock = clock
        self._put_off: dict[str, tuple[float, float]] = {}  # repository -> not before, pause after that

    def look(self) -> float:
        """Do what there is to do; the answer is after how many seconds to look again without being told."""
        for chore in (self._remove_due, self._fulfil_wishes, self._empty_trash):
            try:
                chore()
            except Exception:
                log.exception("housekeeping goes on after an error")
        soonest = min((not_before for not_before, _ in self._put_off.values()), default=float("inf"))
        return max(0.0, min(LOOK_ANYWAY, soonest - self._clock()))

    def update_repository(self, directory: Path) -> None:
        """Write the metadata of a repository, unless its project is gone."""
        chroot = directory.parent if directory.name == DEVEL else directory
        if chroot.is_dir():
            self._write_metadata(directory)

    def _remove_due(self) -> None:
        with self._database.reading() as tx:
            is_anything_due = expiry.is_anything_due(tx)
        if is_anything_due:
            with self._database.writing() as tx:
                expiry.remove_due(tx)

    def _fulfil_wishes(self) -> None:
        # Exclusively: what was discarded with a wish is gone before the wish is fulfilled.
        with self._database.exclusively(), self._database.reading() as tx:
            storage = tx.storage
            wishes = tx.session.execute(select(RepositoryUpdate.directory, RepositoryUpdate.id)).all()
        ids_of: dict[str, list[int]] = {}
        for directory, wish_id in wishes:
            ids_of.setdefault(directory, []).append(wish_id)
        self._put_off = {name: when for name, when in self._put_off.items() if name in ids_of}
        for directory, ids in ids_of.items():
            not_before, pause = self._put_off.get(directory, (0.0, FIRST_PAUSE))
            if self._clock() < not_before:
                continue
            try:
                self.update_repository(storage.results / directory)
            except Exception as reason:
                self._put_off[directory] = self._clock() + pause, min(2 * pause, LONGEST_PAUSE)
                log.warning(
                    "the metadata of %s could not be written; again in %g s: %s", directory, pause, reason
                )
                continue
            self._put_off.pop(directory, None)
            with self._database.writing() as tx:
                tx.session.execute(delete(RepositoryUpdate).where(RepositoryUpdate.id.in_(ids)))

    def _empty_trash(self) -> None:
        with self._database.reading() as tx:
            storage = tx.storage
        storage.empty_trash()
