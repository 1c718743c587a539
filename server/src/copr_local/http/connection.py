"""One connection of the HTTP server: the connection of waitress, and what a Copr needs in addition.

- No thread waits for a client. Responses are stored until the client has read them, with a limit for all
  of them (`backlog.py`). A connection has one response at a time, and sends a limited number of bytes per
  round.
- A GET or HEAD that has waited for a thread is not answered if its client has closed the connection
  meanwhile. Clients that give up ask again, and otherwise a busy service would work for nobody.
- A request can wait for something without a thread (`wire/waits.py`).
- A request may meet an injected fault (`injected_faults.py`). It is carried out here.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from pathlib import Path
from typing import Any

from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.task import ErrorTask, WSGITask

from ..wire import waits
from .backlog import Backlog
from .bodies import Spool
from .form_body import KEY
from .injected_faults import Cut, Delay, Drip, Faults, Reset, Status
from .parser import IsKnown, LaterRequests, Parser
from .refusals import ConnectionReset

LONG = 1.0  # seconds in the queue; until then, a client that has only ended its own part is answered

_PIECES = 10  # pieces of a slow body per second
_ROUND = 1024**2  # bytes that one connection sends before it is the turn of the others
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: closing drops unsent data and sends a reset at once


class _Refusal(ErrorTask):
    """The response to a request that could not be read."""

    request: Any
    channel: Any

    def execute(self) -> None:
        if isinstance(self.request.error, ConnectionReset):
            self.channel.reset()
        super().execute()


class _Answer(WSGITask):
    """The response of the application, changed by the fault that the request meets."""

    request: Any
    channel: Any

    def execute(self) -> None:
        if self.request.command in ("GET", "HEAD") and self.channel.was_left():
            raise ClientDisconnected
        match self.request.fault:
            case Delay(seconds, "before"):
                self._pause(seconds)
            case Status(status, "before"):
                self._answer_page(status)
                return
        super().execute()

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        if self.request.fault is not None:
            environ.pop("wsgi.file_wrapper", None)  # with it, files would bypass `write`
        if self.request.form is not None:
            environ[KEY] = self.request.form
        environ[waits.WAITING] = self.request.waiting
        return environ

    def write(self, data: bytes) -> None:
        """Send a part of the body; the first call sends the header before it."""
        match self.request.fault:
            case Reset():
                self.channel.reset()
            case Delay(seconds, "after") if not self.wrote_header:
                self._pause(seconds)
            case Status(status, "after"):
                if not self.wrote_header:
                    self._answer_page(status)
                return
            case Cut(after):
                super().write(data[: max(0, after - self.content_bytes_written)])
                if self.content_bytes_written >= after:
                    raise ClientDisconnected
                return
            case Drip(bytes_per_second):
                self._drip(data, bytes_per_second)
                return
        super().write(data)

    def _answer_page(self, status: Any) -> None:
        body = f"<html><head><title>{status} {status.phrase}</title></head></html>".encode()
        self.complete = True
        self.status = f"{status} {status.phrase}"
        self.content_length, self.content_bytes_written = len(body), 0
        self.response_headers = [("Content-Type", "text/html"), ("Content-Length", str(len(body)))]
        super().write(body)

    def _drip(self, data: bytes, bytes_per_second: float) -> None:
        size = max(1, int(bytes_per_second / _PIECES))
        for start in range(0, max(1, len(data)), size):
            piece = data[start : start + size]
            super().write(piece)
            self._pause(len(piece) / bytes_per_second)

    def _pause(self, seconds: float) -> None:
        self.channel.over.wait(min(seconds, threading.TIMEOUT_MAX))


class Channel(HTTPChannel):
    """A connection of one client.

    :param args: arguments of waitress's channel.
    :param folder: folder for large bodies, and for responses that clients have not read yet.
    :param faults: the faults of the service.
    :param is_known: returns True for valid credentials.
    :param backlog: the stored bytes of all connections.
    :param kwargs: keyword arguments of waitress's channel.
    """

    adj: Any
    request: Any
    requests: Any
    requests_lock: Any
    outbufs: Any
    server: Any
    connected: bool
    total_outbufs_len: int
    socket: Any
    task_class = _Answer
    error_task_class = _Refusal

    def __init__(
        self,
        *args: Any,
        folder: Path,
        faults: Faults,
        is_known: IsKnown,
        backlog: Backlog,
        **kwargs: Any,
    ) -> None:
        self.over = faults.over
        self._folder = folder
        self._for_parser: dict[str, Any] = {"folder": folder, "faults": faults, "is_known": is_known}
        self._backlog = backlog
        self._left = _ROUND
        self._is_blocked = False  # True if the socket takes no bytes until the main loop says so
        super().__init__(*args, **kwargs)
        self.outbufs = [Spool(self.adj.outbuf_overflow, folder)]

    def parser_class(self, adj: Any) -> Any:  # type: ignore[override]  # waitress calls it
        """Return the parser of the next request; during another request, one that only stores bytes.

        :param adj: the settings of waitress.
        :returns: the parser.
        """
        return (LaterRequests if self.requests else Parser)(adj, **self._for_parser)

    def readable(self) -> bool:
        """Return True if the connection may read; the main loop calls this in each round.

        :returns: True if no request is in work and no response is left to send.
        """
        if isinstance(self.request, LaterRequests) and not (self.requests or self.total_outbufs_len):
            with self.requests_lock:
                data, self.request = self.request.data, None
            self.received(data)
        if self.requests and self.requests[0].is_postponed:
            return self.connected  # to notice when the client goes away
        is_readable: bool = super().readable()
        return is_readable

    def service(self) -> None:
        """Answer the request, in a thread; if it has to wait, leave it until its signal comes."""
        (request, *_) = self.requests
        request.is_postponed = False
        try:
            super().service()
        except waits.Postponed as postponed:
            request.is_postponed = True
            self.server.pull_trigger()
            postponed.signal.then(self._resume)

    def _resume(self) -> None:
        """Go on with a request that has waited."""
        if self.connected:
            self.server.add_task(self)

    def write_soon(self, data: Any) -> int:
        """Send a part of a response, or store it until the client has read what comes before it.

        :param data: bytes, or a published file, which needs no storage.
        :returns: how many bytes it has.
        :raises ClientDisconnected: the connection is closed, for example since it had the largest part of a
            backlog that was full.
        """
        if not self.connected:
            raise ClientDisconnected
        if isinstance(data, bytes) and self._backlog.add(self, len(data)):
            self.server.pull_trigger()
        try:
            size: int = super().write_soon(data)
        except ClientDisconnected:
            self._backlog.remove(self)
            raise
        return size

    def handle_write(self) -> None:
        """Send stored bytes: the socket takes some."""
        self._is_blocked = False
        super().handle_write()

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send bytes, unless the connection has already sent its part of this round.

        :param data: the bytes.
        :param do_close: True to close the connection if the client has closed it.
        :returns: how many bytes were sent.
        """
        if self._left <= 0:
            return 0
        offered = data[: self._left]
        sent: int = super().send(offered, do_close) or 0
        self._left -= sent
        self._is_blocked = sent < len(offered)
        return sent

    def _flush_some(self, do_close: bool = True) -> bool:
        if self._is_blocked:  # reading what is stored only to find that out again takes long
            return False
        self._left = _ROUND
        is_sent: bool = super()._flush_some(do_close)  # type: ignore[misc]
        if is_sent and not self.total_outbufs_len:
            self._drop_sent()
        return is_sent

    def _drop_sent(self) -> None:
        """Remove the storage of what has been sent: waitress would keep a file until the connection ends."""
        used, self.outbufs = self.outbufs, [Spool(self.adj.outbuf_overflow, self._folder)]
        for buffer in used:
            buffer.close()
        self._backlog.remove(self)

    def handle_close(self) -> None:
        """Close the connection, and delete the part of a request that has arrived."""
        super().handle_close()
        self._backlog.remove(self)
        with self.requests_lock:
            if self.request is not None:
                self.request.close()
                self.request = None
            for request in self.requests:
                request.waiting.get("gone", bool)()

    def was_left(self) -> bool:
        """Return True if the request has waited long and the client has closed the connection.

        :returns: True if nobody reads the response.
        """
        if time.monotonic() - self.requests[0].queued_at < LONG:
            return False
        try:
            return not self.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def reset(self) -> None:
        """Reset the connection.

        :raises ClientDisconnected: always; this ends the task of the request.
        """
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        raise ClientDisconnected
