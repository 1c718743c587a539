"""A relay to a port of this machine that cuts a connection in the middle of a request of one kind.

Rules: it runs in a thread for each direction. It looks for a text in the first line of a request. Once armed,
it cuts the first connection with such a request after some bytes more: both ends get a reset.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable

RESET = struct.pack("ii", 1, 0)  # no time to linger: closing sends a reset


class CuttingRelay:
    """A relay that runs until the program ends.

    :param port: port of 127.0.0.1 that it connects to.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._wanted: bytes | None = None
        self._left = 0
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self.cuts = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def arm(self, text: str, count: int) -> None:
        """Cut the next connection with a request that has a text in its first line.

        :param text: the text.
        :param count: bytes that still pass, in both directions.
        """
        with self._lock:
            self._wanted, self._left = text.encode(), count

    def cut_all(self) -> None:
        """Cut all connections now."""
        with self._lock:
            self.cuts += 1
            for each in list(self._connections):
                _reset(each)

    def _accept(self) -> None:
        while True:
            here, _ = self._listener.accept()
            try:
                there = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                _reset(here)
                continue
            with self._lock:
                self._connections |= {here, there}
            is_chosen = threading.Event()
            for first, second, looks in ((here, there, True), (there, here, False)):
                pass_on = self._pass_on(first, second, is_chosen, looks)
                threading.Thread(target=pass_on, daemon=True).start()

    def _pass_on(
        self, here: socket.socket, there: socket.socket, is_chosen: threading.Event, looks: bool
    ) -> Callable[[], None]:
        def run() -> None:
            with contextlib.suppress(OSError):
                while data := here.recv(16384):
                    passed = self._allowed(data, is_chosen, looks)
                    there.sendall(data[:passed])
                    if passed < len(data):
                        break
            _reset(here)
            _reset(there)
            with self._lock:
                self._connections -= {here, there}

        return run

    def _allowed(self, data: bytes, is_chosen: threading.Event, looks: bool) -> int:
        """Return how many of these bytes pass."""
        with self._lock:
            if looks and self._wanted is not None and self._wanted in data.split(b"\r\n", 1)[0]:
                self._wanted = None
                is_chosen.set()
            if not is_chosen.is_set():
                return len(data)
            passed = min(self._left, len(data))
            self._left -= passed
            if passed < len(data):
                self.cuts += 1
            return passed


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
