"""A cache of responses, valid as long as the database does not change.

Many clients poll builds, and most polls find no change. `Database.version` changes when any process commits,
so a cached response is never older than its request.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from ..data.database import Database

MOST = 1000  # responses


class ResponseCache:
    """The cached responses of one service, by key.

    :param database: the database; a change of its version clears the cache.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._version = -1
        self._kept: dict[str, bytes] = {}

    def get(self, key: str, answer: Callable[[], bytes]) -> bytes:
        """Return the cached response, or create and cache a new one.

        If the cache is full, the new response is not cached. An exception of `answer` is passed on, and not
        cached.

        :param key: key of the response; equal requests have equal keys.
        :param answer: creates the response.
        :returns: body of the response.
        """
        version = self._database.version()  # read first, so that a cached response is never too old
        with self._lock:
            if version != self._version:
                self._version, self._kept = version, {}
            kept = self._kept.get(key)
        if kept is None:
            kept = answer()
            with self._lock:
                if version == self._version and len(self._kept) < MOST:
                    self._kept[key] = kept
        return kept
