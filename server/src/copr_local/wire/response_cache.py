"""Answers that are asked for again and again, kept for as long as the database does not change.

Builds are polled more than anything else, by many clients at once, and between two polls mostly nothing has
happened. SQLite tells whether any process has committed since (`Database.version`), so an answer that was
kept is never older than the question.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..data.database import Database

MOST = 1000


class ResponseCache:
    """The answers of one service, by what was asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._version = -1
        self._kept: dict[str, bytes] = {}

    def get(self, asked: str, answer: Callable[[], bytes]) -> bytes:
        """The answer that is kept, or a new one. An exception of `answer` is passed on, and not kept."""
        version = self._database.version()  # before the answer is made: what is read later is at least as new
        with self._lock:
            if version != self._version:
                self._version, self._kept = version, {}
            kept = self._kept.get(asked)
        if kept is None:
            kept = answer()
            with self._lock:
                if version == self._version and len(self._kept) < MOST:
                    self._kept[asked] = kept
        return kept
