"""The bytes of responses that are stored until clients have read them, with a limit for all of them."""

from __future__ import annotations

import threading
from typing import Any


class Backlog:
    """The stored bytes of all connections. Above the limit, the connections with most of them are given up.

    :param most: largest number of stored bytes.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._stored: dict[Any, int] = {}
        self._total = 0
        self._given_up: list[Any] = []
        self._lock = threading.Lock()

    def add(self, connection: Any, size: int) -> bool:
        """Count bytes that are stored for a connection.

        :param connection: the connection.
        :param size: number of bytes.
        :returns: True if the limit is reached now, and connections have to be closed: see `given_up`.
        """
        with self._lock:
            self._stored[connection] = self._stored.get(connection, 0) + size
            self._total += size
            is_full = self._total > self._most
            while self._total > self._most:
                largest = max(self._stored, key=self._stored.__getitem__)
                self._total -= self._stored.pop(largest)
                self._given_up.append(largest)
            return is_full

    def remove(self, connection: Any) -> None:
        """Forget all bytes of a connection, since the client has read them, or the connection is closed.

        :param connection: the connection.
        """
        with self._lock:
            self._total -= self._stored.pop(connection, 0)

    def given_up(self) -> list[Any]:
        """Return the connections that have to be closed, each once.

        :returns: the connections.
        """
        with self._lock:
            found, self._given_up = self._given_up, []
        return found
