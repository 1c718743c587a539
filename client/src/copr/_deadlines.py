"""A limit for the whole of an answer, which timeouts of single reads cannot give: a server that drips one
byte a second never lets them run out.

Rules: one thread watches all answers of a transport, and sleeps until the earliest of them is due. It only
closes the socket; the thread that reads sees the end, and the transport then asks `expired`. The thread ends
when nothing is awaited any more: a program may make a client for each of its tasks.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

#: Seconds after which the thread looks whether anything is awaited at all.
LOOK_ANYWAY = 5.0


class Watch:
    """The answer that one thread awaits, for at most `seconds` from when its request was sent."""

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self.seconds = seconds
        self.expired = False
        self._deadlines = deadlines

    def __enter__(self) -> Watch:
        self._deadlines.local.watch = self
        return self

    def __exit__(self, *_: object) -> None:
        self._deadlines.local.watch = None
        self._deadlines.forget(self)


class Deadlines:
    """Watches the answers of one transport, whose connections may take `send_timeout` seconds for a block of
    a body."""

    def __init__(self, send_timeout: float) -> None:
        self._send_timeout = send_timeout
        self.local = threading.local()
        self._due: dict[Watch, tuple[float, socket.socket]] = {}
        self._changed = threading.Condition()
        self._wakes_at = float("inf")
        self._thread: threading.Thread | None = None

    def of_answer(self, seconds: float) -> Watch:
        """A context in which one answer may take `seconds`."""
        return Watch(self, seconds)

    def begin(self, connection: Any) -> None:
        """Count from now for the answer that this thread awaits on a connection."""
        watch = getattr(self.local, "watch", None)
        if watch is None or connection.sock is None:
            return
        due = time.monotonic() + watch.seconds
        with self._changed:
            self._due[watch] = (due, connection.sock)
            if self._thread is None or not self._thread.is_alive():  # a fork of the process has no threads
                self._thread = threading.Thread(target=self._run, name="copr-deadlines", daemon=True)
                self._thread.start()
            if due < self._wakes_at:
                self._changed.notify()

    def forget(self, watch: Watch) -> None:
        """The answer is there, or lost."""
        with self._changed:
            self._due.pop(watch, None)

    def _run(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for watch, (due, sock) in list(self._due.items()):
                    if due <= now:
                        del self._due[watch]
                        watch.expired = True
                        with contextlib.suppress(OSError):
                            # Not the TLS socket's own method, which is not for use from another thread.
                            socket.socket.shutdown(sock, socket.SHUT_RDWR)
                self._wakes_at = min((due for due, _ in self._due.values()), default=float("inf"))
                if not self._changed.wait(min(self._wakes_at - now, LOOK_ANYWAY)) and not self._due:
                    self._thread, self._wakes_at = None, float("inf")
                    return

    def watch_pools_of(self, manager: Any) -> None:
        """Have the connections of a manager of pools tell when an answer begins to be awaited."""
        deadlines = self

        class Watched:
            sock: socket.socket

            def connect(self) -> None:
                super().connect()  # type: ignore[misc]  # of the class that this is mixed into
                # Else the first body on a connection would be sent under the timeout for connecting.
                self.sock.settimeout(deadlines._send_timeout)

            def getresponse(self) -> Any:
                deadlines.begin(self)
                return super().getresponse()  # type: ignore[misc]  # as above

        class Connection(Watched, HTTPConnection): ...

        class SecureConnection(Watched, HTTPSConnection): ...

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = SecureConnection

        manager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}
