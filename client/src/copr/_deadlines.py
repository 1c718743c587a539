"""Limits for the whole of an answer and the whole of an exchange, which timeouts of single reads and writes
cannot give: a server that drips one byte a second, or takes one, never lets them run out.

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
    """The exchange that one thread is in: its answer is awaited for at most `answer` seconds from when its
    request was sent, all of it may take `limit` seconds from now on, or None. `seconds` is the one of the two
    that counts; `unsent` is true while it is known that the request is not on its way with its last byte."""

    def __init__(self, deadlines: Deadlines, answer: float, limit: float | None) -> None:
        self.seconds = answer if limit is None else min(answer, limit)
        self.expired = False
        self.unsent = False
        self._deadlines = deadlines
        self._answer = answer
        self._ends = None if limit is None else time.monotonic() + limit

    def await_taking(self, sock: socket.socket | None) -> None:
        """The request begins to be sent, over a socket or one that is still to be connected."""
        self.unsent = True
        if self._ends is not None and sock is not None:
            self._deadlines.close_at(self, self._ends, sock)

    def await_answer(self, sock: socket.socket | None) -> None:
        """The request was sent."""
        self.unsent = False
        if sock is not None:
            due = time.monotonic() + self._answer
            self._deadlines.close_at(self, due if self._ends is None else min(due, self._ends), sock)

    def await_file(self) -> None:
        """The answer is a file, which may take what time it needs, within the limit."""
        self._deadlines.postpone(self, self._ends)

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

    def of_answer(self, seconds: float, limit: float | None) -> Watch:
        """A context in which one answer may take `seconds`, and the whole exchange `limit` seconds."""
        return Watch(self, seconds, limit)

    def watch_of_this_thread(self) -> Watch | None:
        """The exchange that this thread is in, if any."""
        watch: Watch | None = getattr(self.local, "watch", None)
        return watch

    def postpone(self, watch: Watch, due: float | None) -> None:
        """An exchange that is watched may take until another time, or for ever."""
        with self._changed:
            if due is None:
                self._due.pop(watch, None)
            elif watch in self._due:
                self._due[watch] = (due, self._due[watch][1])

    def close_at(self, watch: Watch, due: float, sock: socket.socket) -> None:
        """Close a socket at a time of the monotonic clock, if it is still needed for that exchange then."""
        with self._changed:
            self._due[watch] = (due, sock)
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
            sock: socket.socket | None

            def connect(self) -> None:
                self._tell_of_taking()
                super().connect()  # type: ignore[misc]  # of the class that this is mixed into
                # Else the first body on a connection would be sent under the timeout for connecting.
                assert self.sock is not None
                self.sock.settimeout(deadlines._send_timeout)
                self._tell_of_taking()

            def putrequest(self, *args: Any, **kwargs: Any) -> None:
                self._tell_of_taking()
                super().putrequest(*args, **kwargs)  # type: ignore[misc]  # as above

            def getresponse(self) -> Any:
                if watch := deadlines.watch_of_this_thread():
                    watch.await_answer(self.sock)
                return super().getresponse()  # type: ignore[misc]  # as above

            def _tell_of_taking(self) -> None:
                if watch := deadlines.watch_of_this_thread():
                    watch.await_taking(self.sock)

        class Connection(Watched, HTTPConnection): ...

        class SecureConnection(Watched, HTTPSConnection): ...

        class Pool(HTTPConnectionPool):
            ConnectionCls = Connection

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = SecureConnection

        manager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}
