"""The body of a call: a document, or parts, in blocks that grow while the connection takes them quickly.

Rules: shared by the transports.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from ._block_size import BlockSize
from ._errors import CoprFileException, CoprFileNotFound, CoprValidationException
from ._multipart import MultipartReader
from ._wire import Call


def document(call: Call[Any]) -> tuple[bytes, str] | None:
    """Return the body of a call without files, and its content type; None if it has no body.

    Raise CoprValidationException if JSON cannot represent a value.
    """
    if call.json is not None:
        return _encoded(call), "application/json"
    if call.form is not None:
        return urlencode(call.form, doseq=True).encode(), "application/x-www-form-urlencoded"
    return None


class Upload:
    """The body of a call with files.

    `headers` are the headers that describe it. `sent` is True as soon as the last block was taken: from then
    on the service may have received everything. `failure` says why a file could not be read.

    Raise CoprValidationException if a file cannot be read, or JSON cannot represent a value.
    """

    def __init__(self, call: Call[Any]) -> None:
        document = None if call.json is None else _encoded(call)
        try:
            self._body = MultipartReader(call.files or (), document, fields=call.form or {})
        except OSError as cause:
            raise _unreadable(cause) from cause
        self.headers = {"Content-Type": self._body.content_type, "Content-Length": str(self._body.len)}
        self.sent = False
        self.failure: CoprValidationException | None = None
        self._block_size = BlockSize()
        self._source: Any = self._body
        if call.progress is not None:
            from requests_toolbelt import MultipartEncoderMonitor

            self._source = MultipartEncoderMonitor(self._body, call.progress)

    def next_block(self) -> bytes:
        """Return the next block, empty at the end; to be called when the one before was taken.

        Raise what the progress callback raises, and OSError if a file cannot be read (`failure` then says
        why).
        """
        try:
            block: bytes = self._source.read(self._block_size.next())
        except OSError as cause:
            self.failure = _unreadable(cause)
            self.failure.__cause__ = cause
            raise
        self.sent = not self._body.len
        return block

    def as_file(self) -> Any:
        """Return the body as an object with `read` and `len`, for functions that send it by themselves.

        It then counts as sent, because nobody knows how much of it was read.
        """
        self.sent = True
        return self._source

    def __iter__(self) -> Upload:
        return self

    def __next__(self) -> bytes:
        if block := self.next_block():
            return block
        raise StopIteration

    def close(self) -> None:
        """Close the file that is open."""
        self._body.close()


def _encoded(call: Call[Any]) -> bytes:
    try:
        return json.dumps(call.json).encode()
    except (TypeError, ValueError, RecursionError) as cause:
        raise CoprValidationException(f"{call.method} {call.path} cannot be sent: {cause}.") from cause


def _unreadable(cause: OSError) -> CoprValidationException:
    file = f"The file {cause.filename}" if cause.filename else "A file"
    kind = CoprFileNotFound if isinstance(cause, FileNotFoundError) else CoprFileException
    error = kind(f"{file} cannot be sent: {cause.strerror or cause}.")
    error.errno, error.strerror, error.filename = cause.errno, cause.strerror, cause.filename
    return error
