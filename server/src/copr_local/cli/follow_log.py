"""A log that is read while it grows, and that another may take the place of.

A step of a build that was under way when the service died is done again, and its log begins anew. The file
that is being read stays open, so nothing of it is lost, and the file that follows is known to be another.
"""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from typing import IO

from ..builders.log import LIVE


class GrowingLog:
    """The log of one step.

    :param again: the line that says that the log begins anew.
    """

    def __init__(self, again: str) -> None:
        self._again = again.encode()
        self._file: IO[bytes] | None = None
        self._is_at_line_start = True

    def more(self, folder: Path | None) -> bytes:
        """What there is beyond what was read, if anything.

        :param folder: where the log is; None while the step has not begun.
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
        """The beginning of the log, or of the one that took its place."""
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
        """All of a log of which a clean-up has left the compressed copy only; it does not grow."""
        try:
            self._file = (folder / f"{LIVE}.gz").open("rb")
        except FileNotFoundError:
            return b""
        return gzip.decompress(self._file.read())
