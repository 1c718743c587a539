"""A log that is read while it grows, and that another log may replace.

If the service dies during a step, the step runs again and its log starts again, in a new file. The old file
stays open, so its last lines are not lost. A new file at the same path means that the log has started again.
"""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path
from typing import IO

from ..builders.log import LIVE

_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_C1 = re.compile(rb"\xc2[\x80-\x9f]")


class GrowingLog:
    """The log of one step.

    :param again: line to insert where the log starts again.
    """

    def __init__(self, again: str) -> None:
        self._again = again.encode()
        self._file: IO[bytes] | None = None
        self._is_at_line_start = True

    def more(self, folder: Path | None) -> bytes:
        """Return what was added to the log since the last call.

        :param folder: folder of the log; None before the step has started.
        :returns: the new bytes; empty if there are none yet.
        :raises OSError: the log cannot be read.
        """
        more = self._file.read() if self._file is not None else b""
        if not more and folder is not None:
            more = self._next(folder)
        if more:
            self._is_at_line_start = more.endswith(b"\n")
        return more

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _next(self, folder: Path) -> bytes:
        """Return the content of the log when it is opened first, or of the log that replaced it."""
        try:
            found = (folder / LIVE).open("rb")
        except FileNotFoundError:
            return self._compressed(folder) if self._file is None else b""
        if self._file is None:
            self._file = found
            return found.read()
        now, before = os.fstat(found.fileno()), os.fstat(self._file.fileno())
        if os.path.samestat(now, before) and now.st_size >= self._file.tell():
            found.close()
            return b""
        self._file.close()
        self._file = found
        start = b"" if self._is_at_line_start else b"\n"
        return start + self._again + b"\n" + found.read()

    def _compressed(self, folder: Path) -> bytes:
        """Return a whole log of which only the compressed copy is left; it does not grow any more."""
        try:
            self._file = (folder / f"{LIVE}.gz").open("rb")
        except FileNotFoundError:
            return b""
        return gzip.decompress(self._file.read())


def visible(log: bytes) -> bytes:
    """Return a log in which a terminal executes nothing: control characters become visible, as in `^[`.

    :param log: part of a log; line feeds and tabs stay.
    :returns: the part for a terminal. The C1 controls of UTF-8 become question marks.
    """
    return _C1.sub(b"?", _CONTROL.sub(lambda found: bytes((0x5E, found[0][0] ^ 0x40)), log))
