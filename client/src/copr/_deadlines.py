"""Time limits for a whole response and a whole exchange.

A timeout for a single read or write is not enough: a server that sends one byte per second never runs into
it.

Rules: one thread watches all exchanges of a transport, and sleeps until the first of them is due. It only
closes the socket; the thread that reads sees the end, and the transport then checks `expired`. The watching
thread ends when nothing is left to watch: a program may make a client for each of its tasks.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from typing import Any

from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ._handover import Handover, UsedSocket
from ._whole_header import WholeResponse

#: Seconds after which the thread checks whether there is anything left to watch.
IDLE_CHECK = 5.0


class Exchange:
    """The exchange that one thread is in.

    Its response may take `answer` seconds from when its request was sent, the whole exchange `limit` seconds
    from now, or None. If it began elsewhere, `handover` has its socket. `seconds` is the one of the two that
    counts. `unsent` is True while the request has surely not been sent to its last byte.
    """

    def __init__(
        self, deadlines: Deadlines, answer: float, limit: float | None, handover: Handover | None
    ) -> None:
        self.seconds = answer if limit is None else min(answer, limit)
        self.expired = handover is not None and handover.expired
        self.handover = handover
        self.unsent = False
        self._deadlines = deadlines
        self._answer = answer
        began = time.monotonic() if handover is None else handover.began
        self._ends = None if limit is None else began + limit

    def await_taking(self, sock: socket.socket | None) -> None:
        """Take note that the request is being sent, over a socket or one that will be connected."""
        self.unsent = True
        if self._ends is not None and sock is not None:
            self._deadlines.close_at(self, self._ends, sock)

    def await_answer(self, sock: socket.socket | None, sent_at: float | None = None) -> None:
        """Take note that the request was sent, now or at a time of the monotonic clock."""
        self.unsent = False
        if sock is not None:
            due = (time.monotonic() if sent_at is None else sent_at) + self._answer
            self._deadlines.close_at(self, due if self._ends is None else min(due, self._ends), sock)

    def await_file(self) -> None:
        """Take note that the response is a file, which may take any time within the limit."""
        self._deadlines.postpone(self, self._ends)

    def __enter__(self) -> Exchange:
        self._deadlines.local.exchange = self
        return self

    def __exit__(self, *_: object) -> None:
        self._deadlines.local.exchange = None
        self._deadlines.forget(self)


class Deadlines:
    """The time limits of one transport.

    Its connections may take `send_timeout` seconds for a block of a body.
    """

    def __init__(self, send_timeout: float) -> None:
        self._send_timeout = send_timeout
        self.local = threading.local()
        self._due: dict[Exchange, tuple[float, socket.socket]] = {}
        self._changed = threading.Condition()
        self._wakes_at = float("inf")
        self._thread: threading.Thread | None = None
        self._timed_classes: dict[Any, Any] = {}

    def of_answer(self, seconds: float, limit: float | None, handover: Handover | None = None) -> Exchange:
        """Return a context for one exchange, with limits for its response and for all of it."""
        return Exchange(self, seconds, limit, handover)

    def exchange_of_this_thread(self) -> Exchange | None:
        """Return the exchange that this thread is in, or None."""
        exchange: Exchange | None = getattr(self.local, "exchange", None)
        return exchange

    def postpone(self, exchange: Exchange, due: float | None) -> None:
        """Set another time for a watched exchange; None: no limit."""
        with self._changed:
            if due is None:
                self._due.pop(exchange, None)
            elif exchange in self._due:
                self._due[exchange] = (due, self._due[exchange][1])

    def close_at(self, exchange: Exchange, due: float, sock: socket.socket) -> None:
        """Close a socket at a time of the monotonic clock, if its exchange has not ended then."""
        with self._changed:
            self._due[exchange] = (due, sock)
            # A fork of the process does not have the thread.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="copr-deadlines", daemon=True)
                self._thread.start()
            if due < self._wakes_at:
                self._changed.notify()

    def forget(self, exchange: Exchange) -> None:
        """End the watching of an exchange."""
        with self._changed:
            self._due.pop(exchange, None)

    def _run(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for exchange, (due, sock) in list(self._due.items()):
                    if due <= now:
                        del self._due[exchange]
                        exchange.expired = True
                        with contextlib.suppress(OSError):
                            # The TLS socket's own `shutdown` must not be used from another thread.
                            socket.socket.shutdown(sock, socket.SHUT_RDWR)
                self._wakes_at = min((due for due, _ in self._due.values()), default=float("inf"))
                if not self._changed.wait(min(self._wakes_at - now, IDLE_CHECK)) and not self._due:
                    self._thread, self._wakes_at = None, float("inf")
                    return

    def time_pools_of(self, manager: Any) -> None:
        """Have the connections of a manager of pools report when they send and when they wait."""
        deadlines = self

        class Pool(HTTPConnectionPool):
            @property
            def ConnectionCls(self) -> Any:  # type: ignore[override]  # noqa: N802 - urllib3's name
                return deadlines._timed(HTTPConnectionPool.ConnectionCls)

        class SecurePool(HTTPSConnectionPool):
            @property
            def ConnectionCls(self) -> Any:  # type: ignore[override]  # noqa: N802 - urllib3's name
                return deadlines._timed(HTTPSConnectionPool.ConnectionCls)

        manager.pool_classes_by_scheme = {"http": Pool, "https": SecurePool}

    def _timed(self, connection_class: Any) -> Any:
        """Return a class of connections that report to these deadlines.

        A class that is not urllib3's own stays as it is: recorders such as vcrpy put theirs in its place for
        a while, and then theirs must be used.
        """
        if connection_class.__module__ != "urllib3.connection":
            return connection_class
        timed = self._timed_classes.get(connection_class)
        if timed is None:
            timed = self._timed_classes[connection_class] = type(
                connection_class.__name__, (_Timed, connection_class), {"deadlines": self}
            )
        return timed


class _Timed:
    """What the connections of a transport do in addition to those of urllib3."""

    response_class = WholeResponse
    deadlines: Deadlines
    sock: socket.socket | UsedSocket | None
    is_verified: bool

    def connect(self) -> None:
        exchange = self.deadlines.exchange_of_this_thread()
        used = None if exchange is None or exchange.handover is None else exchange.handover.take_socket()
        if used is not None:
            self.sock, self.is_verified = used, True
            self._report_sending()
            return
        self._report_sending()
        super().connect()  # type: ignore[misc]  # the class that follows in the bases
        # Otherwise the first body on a connection would have the timeout for connecting.
        assert self.sock is not None
        self.sock.settimeout(self.deadlines._send_timeout)
        self._report_sending()

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        self._report_sending()
        super().putrequest(*args, **kwargs)  # type: ignore[misc]  # as above

    def getresponse(self) -> Any:
        if exchange := self.deadlines.exchange_of_this_thread():
            used = self.sock if isinstance(self.sock, UsedSocket) else None
            exchange.await_answer(_real(self.sock), None if used is None else used.sent_at)
        try:
            return super().getresponse()  # type: ignore[misc]  # as above
        finally:
            self.sock = _real(self.sock)  # for what is sent next

    def _report_sending(self) -> None:
        if exchange := self.deadlines.exchange_of_this_thread():
            exchange.await_taking(_real(self.sock))


def _real(sock: socket.socket | UsedSocket | None) -> socket.socket | None:
    return sock.real if isinstance(sock, UsedSocket) else sock
