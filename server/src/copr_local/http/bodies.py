"""Bodies of requests: buffers for waitress, and its reader of chunked ones."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from waitress.buffers import OverflowableBuffer, TempfileBasedBuffer
from waitress.receiver import ChunkedReceiver
from waitress.utilities import BadRequest

_PIECE = 4096  # bytes
_LONGEST_LINE = 4096  # bytes of the size of a chunk, with its extensions
_LONGEST_TRAILER = 64 * 1024  # bytes


class Spool(OverflowableBuffer):
    """The body of a request while it arrives; a large one is stored in a file.

    :param overflow: largest size in memory, in bytes.
    :param folder: folder of the file.
    """

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


class Nowhere(OverflowableBuffer):
    """A buffer that drops the rest of a refused body."""

    def append(self, s: bytes) -> None:
        """Drop bytes.

        :param s: the bytes.
        """


class Chunks(ChunkedReceiver):
    """The reader of a chunked body.

    That of waitress copies all bytes that it has once for each chunk, and has no limit for what is not data.

    :param buf: the buffer for the data.
    """

    buf: Any
    control_line: bytes
    trailer: bytes
    error: Any

    def received(self, s: bytes) -> int:
        """Read a part of the body.

        :param s: the bytes.
        :returns: how many of them belong to the body.
        :raises OSError: the data cannot be stored.
        """
        buffer, self.buf = self.buf, []
        taken = 0
        while taken < len(s) and not (self.completed or self.error):
            piece = s[taken : taken + max(_PIECE, self.chunk_remainder)]
            taken += super().received(piece)
            if len(self.control_line) > _LONGEST_LINE or len(self.trailer) > _LONGEST_TRAILER:
                self.error = BadRequest("A chunk or the trailer has a line that is too long")
        data, self.buf = b"".join(self.buf), buffer
        if data:
            self.buf.append(data)
        return taken
