"""A multipart body on its way: in blocks that grow as long as the connection takes them quickly.

Rules: shared by the transports. A block is sent under one timeout, so a slow link must get small ones; on a
fast one their number is what costs.
"""

from __future__ import annotations

import time
from typing import Any

from ._errors import CoprValidationException
from ._multipart import MultipartReader
from ._wire import Call

SMALLEST_BLOCK, LARGEST_BLOCK = 32 * 1024, 1024 * 1024


class Upload:
    """The body of a call with files, and its JSON `document`.

    `headers` are what the request says of it; `sent` is true once the last block was taken; `failure` is why
    a file could not be read.

    Raises CoprValidationException where a file cannot be looked at.
    """

    def __init__(self, call: Call[Any], document: bytes | None) -> None:
        try:
            self._body = MultipartReader(call.files or (), document)
        except OSError as cause:
            raise _unreadable(cause) from cause
        self.headers = {"Content-Type": self._body.content_type, "Content-Length": str(self._body.len)}
        self.sent = False
        self.failure: CoprValidationException | None = None
        self._size = SMALLEST_BLOCK
        self._handed_out: float | None = None
        self._source: Any = self._body
        if call.progress is not None:
            from requests_toolbelt import MultipartEncoderMonitor

            self._source = MultipartEncoderMonitor(self._body, call.progress)

    def next_block(self) -> bytes:
        """The next block, empty at the end; asked for when the one before was taken.

        Raises what the progress callback raises, and OSError where a file cannot be read (then `failure` is
        set).
        """
        if self._handed_out is not None:
            took = time.monotonic() - self._handed_out
            if took < 0.25:
                self._size = min(self._size * 2, LARGEST_BLOCK)
            elif took > 1:
                self._size = max(self._size // 2, SMALLEST_BLOCK)
        try:
            block: bytes = self._source.read(self._size)
        except OSError as cause:
            self.failure = _unreadable(cause)
            self.failure.__cause__ = cause
            raise
        self.sent = not block
        self._handed_out = time.monotonic()
        return block

    def __iter__(self) -> Upload:
        return self

    def __next__(self) -> bytes:
        if block := self.next_block():
            return block
        raise StopIteration

    def close(self) -> None:
        """Close what is open."""
        self._body.close()


def _unreadable(cause: OSError) -> CoprValidationException:
    file = f"The file {cause.filename}" if cause.filename else "A file"
    return CoprValidationException(f"{file} cannot be sent: {cause.strerror or cause}.")
