"""One connection of the HTTP server: waitress's, and what a Copr needs of it besides.

- A large body waits in the data folder until all of it is there, not in the system's temporary folder, which
  is often memory. A full disk is answered with 507.
- A body that is too large is refused by the head of its request (413), and not kept. Only who says who it is
  may send a large one, and only as a form with files.
- Requests may meet a fault (`testing.faults`), which is carried out here.
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
from ..wire.credentials import are_there
from ..wire.storage_errors import FullDisk, as_storage_error
from .injected_faults import Action, Cut, Delay, Drip, Faults, Reset, Status

_PIECES = 10  # of a dripping body, each second
_ABORT = struct.pack("ii", 1, 0)  # SO_LINGER: what was not sent is dropped, and the peer told so at once


class _Refused(Error):
    """An answer from before the application; clients of each API find its text where they look for it."""

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
    """The body of a request is larger than whoever sends it may send it."""

    code = 413
    reason = "Content Too Large"

    def __init__(self, largest: int) -> None:
        super().__init__(
            f"The body of this request is larger than the {largest} bytes allowed. "
            "An upload may be larger, with a login and a token."
        )


class _ConnectionReset(Error):
    """The request meets its end here; never answered."""


class _Spool(OverflowableBuffer):
    """A body that arrives; where it is large, a file in `folder`."""

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
    def __init__(self, small: Any, folder: Path) -> None:
        self._folder = folder
        super().__init__(small)

    def newfile(self) -> Any:
        return TemporaryFile("w+b", dir=self._folder)


class _Nowhere(OverflowableBuffer):
    """The rest of a body that is refused: whoever sends it reads the answer when all is sent."""

    def append(self, s: bytes) -> None:
        pass


class Parser(HTTPRequestParser):
    """Reads one request; `fault` is what it meets."""

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
        """Take bytes from the connection; the answer is how many of them belong to this request."""
        in_head = not self.headers_finished
        try:
            consumed: int = super().received(data)
        except OSError as error:
            if as_storage_error(error) is None:
                raise
            self._forget_body(_InsufficientStorage())
            self.completed = self.chunked  # where in its chunks it is, nobody knows any more
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
        """Read the head, and choose where the body goes and how large it may be."""
        super().parse_header(header_plus)
        is_form = self.headers.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data")
        if is_form and are_there(self.headers.get("AUTHORIZATION", ""), self.headers.get("COOKIE", "")):
            self._largest = LARGEST_UPLOAD
        if self.body_rcv is not None:
            self.body_rcv.buf = _Spool(self.adj.inbuf_overflow, self._folder)

    def close(self) -> None:
        """Forget the body; what the disk has no room for shall go anyway."""
        with suppress(OSError):
            super().close()

    def _end(self, error: Error) -> None:
        """Let the request end with an error; nothing more of it is read."""
        self.error = error
        self.completed = True

    def _forget_body(self, error: Error) -> None:
        """Let the request end with an error, which most clients only read when they have sent all of it.

        One that waits to be told to go on is told of the error instead.
        """
        self.error = error
        with suppress(OSError):
            self.body_rcv.getbuf().close()
        self.body_rcv.buf = _Nowhere(0)
        self.completed = self.completed or self.expect_continue
        self.expect_continue = False


class _Refusal(ErrorTask):
    """Answers a request that could not be read."""

    request: Any
    channel: Any

    def execute(self) -> None:
        if isinstance(self.request.error, _ConnectionReset):
            self.channel.reset()
        super().execute()


class _Answer(WSGITask):
    """Has the application carry a request out, and the fault that it meets."""

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
            environ.pop("wsgi.file_wrapper", None)  # else files bypass `write`
        return environ

    def write(self, data: bytes) -> None:
        """Send a part of the body, after the head if that is not sent yet."""
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
    """A connection."""

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
        """End the connection, and what had arrived of a request."""
        super().handle_close()
        with self.requests_lock:
            if self.request is not None:
                self.request.close()
                self.request = None

    def reset(self) -> None:
        """Reset the connection.

        :raises ClientDisconnected: always; it ends the task.
        """
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        raise ClientDisconnected
