"""The log of one build: readable while it grows, and limited in size.

Output is written without a buffer, so a reader who follows the file sees each line when it is printed. The
limit counts the output of programs only. Lines of the service itself are always written: the last one says
how the build ended.

The second log, `backend.log`, lists what the service did with the build, and when.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from .sandbox.resource_usage import size
from .tasks import BuildCancelled, BuildFailed, BuildSkipped

LIVE = "builder-live.log"
BACKEND = "backend.log"


class BuildLog:
    """The log file of a build, which users can follow while it grows.

    :param path: file of the log.
    :param limit: bytes that programs may print before the build is ended.
    :param continues: True to append to an existing file; otherwise it is emptied.
    """

    def __init__(self, path: Path, limit: int, *, continues: bool = False) -> None:
        self.path = path
        self._limit = limit
        self._written = 0
        self._at_line_start = not continues or _ends_with_line(path)
        self._file = path.open("ab" if continues else "wb", buffering=0)

    def write(self, data: bytes) -> None:
        """Append output of a program.

        :param data: the next bytes of the output.
        :raises BuildFailed: the output is larger than the limit; the part that fits is written.
        :raises OSError: the file cannot be written, for example because the disk is full.
        """
        fits = data[: self._limit - self._written]
        if fits:
            self._append(fits)
            self._written += len(fits)
        if len(fits) < len(data):
            raise BuildFailed(f"the log is larger than {size(self._limit)}")

    def line(self, text: str) -> None:
        """Append a line of the service itself, which the limit does not count.

        :param text: the line, without a line break at its end.
        :raises OSError: the file cannot be written.
        """
        start = "" if self._at_line_start else "\n"
        self._append(f"{start}{text}\n".encode(errors="replace"))

    def close(self) -> None:
        """Close the file and write a compressed copy with the suffix `.gz` next to it.

        On a full disk there is no copy; the build does not fail for that.
        """
        self._file.close()
        with contextlib.suppress(OSError):
            compress(self.path)

    def _append(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self._at_line_start = data.endswith(b"\n")


def _ends_with_line(path: Path) -> bool:
    """Return True if a file is empty or ends with a line break."""
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            return file.read() == b"\n"
    return True


@contextlib.contextmanager
def build_log(  # noqa: DOC402 - a context manager
    directory: Path, limit: int, *, continues: bool = False
) -> Iterator[BuildLog]:
    """Open the log `builder-live.log` of a build, as a context manager, and close it at the end.

    If the body of the `with` statement raises an error, the last line of the log gives the reason, and the
    error goes on to the caller; an `OSError` becomes `BuildFailed`.

    :param directory: the build's folder.
    :param limit: bytes that programs may print before the build is ended.
    :param continues: True to append to an existing log.
    :returns: the log, while the body runs.
    :raises BuildFailed: the log cannot be written, or the body raised an `OSError`.
    """
    try:
        with contextlib.closing(BuildLog(directory / LIVE, limit, continues=continues)) as log:
            try:
                yield log
            except BaseException as error:
                log.line(_last_line(error))
                raise
    except OSError as error:
        raise BuildFailed(f"the builder failed: {error}") from error


def _last_line(error: BaseException) -> str:
    """Return the line that says how the build ended."""
    match error:
        case BuildCancelled():
            return "Build cancelled."
        case BuildSkipped():
            return f"Build skipped: {error}"
        case BuildFailed() | OSError():
            return f"Build failed: {error}"
        case _:
            return f"Build failed: error in the service: {type(error).__name__}: {error}"


def add_events(directory: Path, when: float, *events: str) -> None:
    """Append events of a build, with their time, to `backend.log`.

    :param directory: the build's folder; created if it does not exist.
    :param when: time of the events, unix time in seconds, UTC.
    :param events: one line of text each.
    :raises OSError: the log cannot be written.
    """
    moment = f"{datetime.fromtimestamp(when, UTC):%Y-%m-%d %H:%M:%S} UTC"
    add_line(directory / BACKEND, "\n".join(f"[{moment}] {event}" for event in events))


def add_line(log: Path, line: str) -> None:
    """Append a line to a log that is not open elsewhere, and update its compressed copy.

    The longer log replaces the old file. So hard links to the old file, in other folders, do not change.

    :param log: path of the log; it and its folder are created if they do not exist.
    :param line: the line, without a line break at its end.
    :raises OSError: the log or its compressed copy cannot be written.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    partial = log.with_name("." + log.name)
    try:
        if log.exists():
            shutil.copyfile(log, partial)
        with partial.open("a") as file:
            file.write(f"{line}\n")
        os.replace(partial, log)
    finally:
        partial.unlink(missing_ok=True)
    compress(log)


def compress(log: Path) -> None:
    """Write the compressed copy of a log, and replace an older copy in one step.

    :param log: path of the log; the copy has the suffix `.gz`.
    :raises OSError: the copy cannot be written; nothing is left of it.
    """
    compressed = log.with_name(log.name + ".gz")
    partial = compressed.with_name("." + compressed.name)
    try:
        with log.open("rb") as plain, gzip.open(partial, "wb", compresslevel=6) as packed:
            shutil.copyfileobj(plain, packed)
        os.replace(partial, compressed)
    finally:
        partial.unlink(missing_ok=True)


class Log(Protocol):
    """What takes the output of programs."""

    def write(self, data: bytes) -> None:
        """Append output of a program.

        :param data: the next bytes of the output.
        """


class Tail:
    """A writer of program output that also keeps the end of it, which has the reason of a failure.

    Call it with each piece of output.

    :param log: the log that all output is written to.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._end = b""

    def __call__(self, data: bytes) -> None:
        """Write the next piece of output to the log, and keep it."""
        self._end = (self._end + data)[-16_384:]
        self._log.write(data)

    @property
    def text(self) -> str:
        """The last 16 KiB of the output; bytes that are not UTF-8 are replaced."""
        return self._end.decode(errors="replace")

    @property
    def last_line(self) -> str:
        """The first 500 characters of the last line that is not blank; empty if all lines are blank."""
        lines = self.text.strip().splitlines()
        return lines[-1].strip()[:500] if lines else ""
