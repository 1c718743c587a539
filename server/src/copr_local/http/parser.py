"""The parser of one request of a connection.

- A large body is stored in the data folder until it is complete, not in the system's temporary folder, which
  is often in memory. If the disk is full, the response has status 507.
- A form that is large, or of unknown size, is taken apart while it arrives (`form_body.py`), so that its
  files are written once.
- A body that is too large is refused as soon as its size is known (413), and not stored. Only a form with
  files, sent with valid credentials, may be large.
- Bytes that cannot begin a request, such as those of HTTPS, are answered at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import Error

from ..wire.context import LARGEST_BODY, LARGEST_UPLOAD
from ..wire.storage_errors import as_storage_error
from .bodies import Chunks, Nowhere, Spool
from .form_body import FormBody
from .injected_faults import Action, Faults, Reset
from .refusals import ConnectionReset, InsufficientStorage, NotHttp, NotKnown, TooLarge

IsKnown = Callable[[str, str], bool]  # takes the values of the headers `Authorization` and `Cookie`

_FIRST = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]")  # the beginning of a method, RFC 9110, 5.6.2


class Parser(HTTPRequestParser):
    """The parser of one request.

    `fault` is the injected fault that the request meets, or None. `form` is the body if it is a large form.
    `waiting` is what the application stores while the request waits (`wire.waits`).

    :param adj: the settings of waitress.
    :param folder: folder for large bodies.
    :param faults: the faults of the service.
    :param is_known: returns True for valid credentials.
    """

    command: Any
    path: Any
    body_rcv: Any
    expect_continue: bool
    fault: Action | None = None
    form: FormBody | None = None
    is_postponed = False
    queued_at = 0.0  # when it began to wait for a thread, by the monotonic clock

    def __init__(self, adj: Any, *, folder: Path, faults: Faults, is_known: IsKnown) -> None:
        super().__init__(adj)
        self._is_known = is_known
        self._folder = folder
        self._faults = faults
        self._largest = LARGEST_BODY  # bytes
        self.waiting: dict[str, Any] = {"is_possible": True}
        self._is_wrong = False  # True for a form with credentials that do not allow a larger one

    def received(self, data: bytes) -> int:
        """Parse bytes from the connection.

        :param data: bytes from the connection; the first ones belong to this request.
        :returns: how many of the bytes belong to this request.
        :raises OSError: the body cannot be stored, and the reason is not a full disk.
        """
        in_head = not self.headers_finished
        empty_lines = 0  # bytes; waitress would copy all that follows for each line
        if in_head and not self.header_plus:
            request = data.lstrip(b"\r\n")
            empty_lines, data = len(data) - len(request), request
            if data and not _FIRST.match(data):
                self._end(NotHttp())
            if self.error or not data:
                return empty_lines + len(data)
        try:
            consumed: int = empty_lines + super().received(data)
        except OSError as error:
            if as_storage_error(error) is None:
                raise
            self._forget_body(InsufficientStorage())
            # The position in a chunked body is lost, so the request ends here.
            self.completed = self.chunked
            return len(data) if self.chunked else self.received(data)
        if in_head and self.headers_finished and not (self.error or self.empty):
            self.fault = self._faults.choose(self.command, self.path)
            if self.fault == Reset("before"):
                self._end(ConnectionReset(""))
        elif self.fault == Reset("during") and self.body_bytes_received * 2 >= self.content_length:
            self._end(ConnectionReset(""))
        if not self.error and max(self.content_length, self.body_bytes_received) > self._largest:
            is_wrong = self._is_wrong and self._largest == LARGEST_BODY
            self._forget_body(NotKnown() if is_wrong else TooLarge(self._largest))
        return consumed

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the header, and choose where the body is stored and how large it may be.

        :param header_plus: the request line and the header lines.
        :raises ParsingError: they are not valid.
        """
        try:
            super().parse_header(header_plus)
        except ValueError as error:  # a host such as `[::1`, or a number of thousands of digits
            raise ParsingError("The request line or a header is not valid") from error
        is_form = self.headers.get("CONTENT_TYPE", "").lower().startswith("multipart/form-data")
        given = self.headers.get("AUTHORIZATION", ""), self.headers.get("COOKIE", "")
        if is_form and self._is_known(*given):
            self._largest = LARGEST_UPLOAD
        self._is_wrong = is_form and bool(given[0])
        if self.body_rcv is not None:
            if self.chunked:
                self.body_rcv = Chunks(self.body_rcv.buf)
            if self._largest == LARGEST_UPLOAD and (self.chunked or self.content_length > LARGEST_BODY):
                self.form = FormBody.for_type(self.headers["CONTENT_TYPE"], self._folder)
            if self.form is None:
                self.body_rcv.buf = Spool(self.adj.inbuf_overflow, self._folder)
            else:
                self.body_rcv.buf = self.form

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
        self.body_rcv.buf = Nowhere(0)
        self.completed = self.completed or self.expect_continue
        self.expect_continue = False


class LaterRequests(Parser):
    """Bytes of the next requests of a connection; they are parsed when the current response has been sent.

    The connection treats it as a request that is not complete. Waitress also uses it for the response to an
    exception of the application.
    """

    data = b""

    def received(self, data: bytes) -> int:
        """Store bytes.

        :param data: the bytes.
        :returns: how many they are.
        """
        self.data += data
        return len(data)
