"""One connection of the HTTP server: the connection of waitress, and what a Copr needs in addition.

- A large body is stored in the data folder until it is complete, not in the system's temporary folder, which
  is often in memory. If the disk is full, the response has status 507.
- A body that is too large is refused as soon as its size is known (413), and not stored. Only a form with
  files, sent with credentials, may be large.
- A request may meet an injected fault (`injected_faults.py`). It is carried out here.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from waitress.buffers import OverflowableBuffer, TempfileBasedBuffer
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import ErrorTask, WSGITask
from waitress.utilities import Error

from ..wire.context import LARGEST_BODY, LARGEST_UPLOAD
from ..wire.credentials import has_credentials
from ..wire.storage_errors import FullDisk, as_storage_error
from .injected_faults import Action, Cut, Delay, Drip, Faults, Reset, Status

_PIECES = 10  # pieces of a slow body per second
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: closing drops unsent data and sends a reset at once


class _Refused(Error):
    """An error response from before the application; it has the error text in the fields of every API."""

    def to_response(self, ident: str | None = None) -> Any:
        body = json.dumps({"output": "notok", "error": self.body, "message": self.body}).encode()
        return f"{self.code} {self.reason}", [("Content-Type", "application/json")], body


class _InsufficientStorage(_Refused):
    """The body of a request does not fit on the disk."""

    code = FullDisk.code
    reason = "Insufficient Storage"

    def __init__(self) -> None:
        super().__init__(FullDisk.description)


class _TooLarge(_Refused):
    """The body of a request is larger than its sender is allowed to send."""

    code = 413
    reason = "Content Too Large"

    def __init__(self, largest: int) -> None:
        super().__init__(
            f"The body of this request is larger than the {largest} bytes allowed. "
            "An upload may be larger, with a login and a token."
        )


class _ConnectionReset(Error):
    """The connection is reset instead of a response."""


class _Spool(OverflowableBuffer):
    """The body of a request while it arrives; a large one is stored in a file in `folder`."""

    buf: Any

    def __init__(self, overflow: int, folder: Path) -> None:
        super().__init__(overflow)
        self._folder = folder

    def _set_large_buffer(self) -> None:
        small, self.buf = self.buf, _SpoolFile(self.buf, self._folder)
        if small is not None:
            small.close()
        self.overflowed = True


class _SpoolFile(TempfileBasedBuffer):
    """The file of a large body."""

    def __init__(self, small: Any, folder: Path) -> None:
        self._folder = folder
        super().__init__(small)

    def newfile(self) -> Any:
        return TemporaryFile("w+b", dir=self._folder)


class _Nowhere(OverflowableBuffer):
    """A buffer that drops the rest of a refused body."""

    def append(self, s: bytes) -> None:
        pass


class Parser(HTTPRequestParser):
    """The parser of one request; `fault` is the injected fault that the request meets, or None.

    :param adj: the settings of waitress.
    :param folder: folder for large bodies.
    :param faults: the faults of the service.
    """

    command: Any
    path: Any
    body_rcv: Any
    expect_continue: bool
    fault: Action | None = None

    def __init__(self, adj: Any, *, folder: Path, faults: Faults) -> None:
        super().__init__(adj)
        self._folder = folder
        self._faults = faults
        self._largest = LARGEST_BODY  # bytes

    def received(self, data: bytes) -> int:
        """Parse bytes from the connection.

        :param data: bytes from the connection; the first ones belong to this request.
        :returns: how many of the bytes belong to this request.
        :raises OSError: the body cannot be stored, and the reason is not a full disk.
        """
        in_head = not self.headers_finished
        try:
            consumed: int = super().received(data)
        except OSError as error:
            if as_storage_error(error) is None:
                raise
            self._forget_body(_InsufficientStorage())
            # The position in a chunked body is lost, so the request ends here.
            self.completed = self.chunked
            return len(data) if self.chunked else self.received(data)
        if in_head and self.headers_finished and not (self.error or self.empty):
            self.fault = self._faults.choose(self.command, self.path)
            if self.fault == Reset("before"):
                self._end(_ConnectionReset(""))
        elif self.fault == Reset("during") and self.body_bytes_received * 2 >= self.content_length:
            self._end(_ConnectionReset(""))
        if not self.error and max(self.content_length, self.body_bytes_received) > self._largest:
            self._forget_body(_TooLarge(self._largest))
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the header, and choose where the body is stored and how large it may be.

        :param header_plus: the request line and the header lines.
        """
        super().parse_header(header_plus)
        is_form = self.headers.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data")
        if is_form and has_credentials(self.headers.get("AUTHORIZATION", ""), self.headers.get("COOKIE", "")):
            self._largest = LARGEST_UPLOAD
        if self.body_rcv is not None:
            self.body_rcv.buf = _Spool(self.adj.inbuf_overflow, self._folder)

    def close(self) -> None:
        """Delete the body, also when the disk is too full to write the last part of it."""
        with suppress(OSError):
            super().close()

    def _end(self, error: Error) -> None:
        """End the request with an error, without reading the rest of it."""
        self.error = error
        self.completed = True

    def _forget_body(self, error: Error) -> None:
        """Drop the body and give the request an error.

        Most clients read the response only after sending the whole body, so the rest is read and dropped. A
        client that waits for "100 Continue" gets the error instead.
        """
        self.error = error
        with suppress(OSError):
            self.body_rcv.getbuf().close()
        self.body_rcv.buf = _Nowhere(0)
        self.completed = self.completed or self.expect_continue
        self.expect_continue = False


class _Refusal(ErrorTask):
    """The response to a request that could not be read."""

    request: Any
    channel: Any

    def execute(self) -> None:
        if isinstance(self.request.error, _ConnectionReset):
            self.channel.reset()
        super().execute()


class _Answer(WSGITask):
    """The response of the application, changed by the fault that the request meets."""

    request: Any
    channel: Any

    def execute(self) -> None:
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
    :param folder: folder for large bodies.
    :param faults: the faults of the service.
    :param kwargs: keyword arguments of waitress's channel.
    """

    parser_class: Any
    request: Any
    requests_lock: Any
    socket: Any
    task_class = _Answer
    error_task_class = _Refusal

    def __init__(self, *args: Any, folder: Path, faults: Faults, **kwargs: Any) -> None:
        self.over = faults.over
        self.parser_class = partial(Parser, folder=folder, faults=faults)
        super().__init__(*args, **kwargs)

    def handle_close(self) -> None:
        """Close the connection, and delete the part of a request that has arrived."""
        super().handle_close()
        with self.requests_lock:
            if self.request is not None:
                self.request.close()
                self.request = None

    def reset(self) -> None:
        """Reset the connection.

        :raises ClientDisconnected: always; this ends the task of the request.
        """
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        raise ClientDisconnected
