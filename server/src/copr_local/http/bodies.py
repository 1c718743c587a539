"""Buffers of waitress for the bodies of requests."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from waitress.buffers import OverflowableBuffer, TempfileBasedBuffer


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
