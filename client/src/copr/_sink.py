"""Targets for a body: a file, in as many attempts as needed, or memory, from some byte on.

Rules: shared by the transports. Bytes that have arrived are not requested again, as long as the service still
has the same version of the file (RFC 9110, 13.1.5 and 14). A file is complete when it has the size that the
service gave. Until then it has another name, next to its place.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping

from ._errors import CoprValidationException
from ._typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

PART = ".part"


class FileSink:
    """A file that will be at `path`, received from its first byte on.

    `progress` is called with the number of bytes that have arrived and the size of the file (None if the
    service does not give it).

    Raise CoprValidationException if the file cannot be written.
    """

    def __init__(
        self, path: str | os.PathLike[str], progress: Callable[[int, int | None], object] | None = None
    ) -> None:
        self.path = os.fspath(path)
        self._part = self.path + PART
        self._progress = progress
        self._version: str | None = None
        self._total: int | None = None
        self._file: BinaryIO | None = None
        self.size = 0

    @property
    def is_whole(self) -> bool:
        """True if all bytes have arrived, as far as the service gave the size."""
        return self._total is None or self.size == self._total

    def request_headers(self) -> dict[str, str]:
        """Return the headers that ask for the bytes from the first missing one on, not compressed."""
        headers = {"Accept-Encoding": "identity"}
        if self.size and self._version:
            headers.update({"Range": f"bytes={self.size}-", "If-Range": self._version})
        return headers

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Take note that a body starts: the rest (206), or the whole file again."""
        length = headers.get("Content-Length")
        if status != 206:
            self.size = 0
        self._version = headers.get("ETag") or headers.get("Last-Modified")
        self._total = self.size + int(length) if length is not None and length.isdecimal() else None
        try:
            self._file = open(self._part, "ab" if self.size else "wb")  # noqa: SIM115 - closed by `end`
        except OSError as cause:
            raise CoprValidationException(
                f"The file {self._part} cannot be written: {cause.strerror}."
            ) from cause

    def write(self, block: bytes) -> None:
        """Write the next bytes of the body."""
        assert self._file is not None
        try:
            self._file.write(block)
        except OSError as cause:
            raise CoprValidationException(
                f"The file {self._part} cannot be written: {cause.strerror}."
            ) from cause
        self.size += len(block)
        if self._progress is not None:
            self._progress(self.size, self._total)

    def end(self) -> None:
        """Close the file, for this attempt."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def finish(self) -> str:
        """Move the complete file to its place, and return its path."""
        os.replace(self._part, self.path)
        return self.path


class MemorySink:
    """The bytes of a file from `offset` on, or all of them if the service does not send parts.

    `content` are the bytes that have arrived, `starts_at` is the place of the first of them.
    """

    is_whole = True

    def __init__(self, offset: int) -> None:
        self._offset = offset
        self._blocks: list[bytes] = []
        self.starts_at = offset

    @property
    def content(self) -> bytes:
        """The bytes that have arrived."""
        return b"".join(self._blocks)

    def request_headers(self) -> dict[str, str]:
        """Return the headers that ask for the bytes from `offset` on, not compressed."""
        headers = {"Accept-Encoding": "identity"}
        return {**headers, "Range": f"bytes={self._offset}-"} if self._offset else headers

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Take note that a body starts: the requested part (206), or the whole file."""
        self._blocks = []
        self.starts_at = self._offset if status == 206 else 0

    def write(self, block: bytes) -> None:
        """Store the next bytes of the body."""
        self._blocks.append(block)

    def end(self) -> None:
        """Do nothing: memory needs no closing."""
