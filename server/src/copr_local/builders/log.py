"""The log of one build: readable while it grows, ended by the reason, and never larger than its limit.

Bytes go to the file as they come, unbuffered, so that a reader who follows it sees each line when it is
printed. Lines of the service itself always fit, whatever the limit: the last one says how the build ended.

Next to it is `backend.log`, in which the service says what it did with the build, and when.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from .sandbox.resource_usage import size
from .tasks import BuildCancelled, BuildFailed, BuildSkipped

LIVE = "builder-live.log"
BACKEND = "backend.log"


class BuildLog:
    """A file that a build writes and people follow; `write` takes what programs print."""

    def __init__(self, path: Path, limit: int) -> None:
        """Begin an empty log at `path` that ends the build when programs print more than `limit` bytes."""
        self.path = path
        self._limit = limit
        self._written = 0
        self._at_line_start = True
        self._file = path.open("wb", buffering=0)

    def write(self, data: bytes) -> None:
        """Append what a program printed.

        Raises `BuildFailed` when there is more of it than the limit allows; the part that fits is written.
        """
        fits = data[: self._limit - self._written]
        if fits:
            self._append(fits)
            self._written += len(fits)
        if len(fits) < len(data):
            raise BuildFailed(f"the log grew over {size(self._limit)}")

    def line(self, text: str) -> None:
        """Append a line of the service itself."""
        start = "" if self._at_line_start else "\n"
        self._append(f"{start}{text}\n".encode(errors="replace"))

    def close(self) -> None:
        """Close the file and put a compressed copy, `builder-live.log.gz`, next to it."""
        self._file.close()
        _compress(self.path)

    def _append(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        self._at_line_start = data.endswith(b"\n")


@contextlib.contextmanager
def build_log(directory: Path, limit: int) -> Iterator[BuildLog]:
    """The log `builder-live.log` of the build in `directory`; what ends the build becomes its last line.

    Raises whatever the body raises; a full or failing disk becomes `BuildFailed`.
    """
    try:
        with contextlib.closing(BuildLog(directory / LIVE, limit)) as log:
            try:
                yield log
            except BaseException as error:
                log.line(_last_line(error))
                raise
    except OSError as error:
        raise BuildFailed(f"the build machine could not go on: {error}") from error


def _last_line(error: BaseException) -> str:
    match error:
        case BuildCancelled():
            return "Build cancelled."
        case BuildSkipped():
            return f"Build skipped: {error}"
        case BuildFailed() | OSError():
            return f"Build failed: {error}"
        case _:
            return f"Build failed: the service made an error: {type(error).__name__}: {error}"


def add_event(directory: Path, when: float, event: str) -> None:
    """Put what happened to the build in `directory` into `backend.log`, with the time (unix, UTC, seconds).

    Raises `OSError`.
    """
    add_line(directory / BACKEND, f"[{datetime.fromtimestamp(when, UTC):%Y-%m-%d %H:%M:%S} UTC] {event}")


def add_line(log: Path, line: str) -> None:
    """Put a line at the end of a log that nobody is writing, and of its compressed copy.

    The log may be linked elsewhere as well, and does not change there: a longer one takes its place.

    Raises `OSError`.
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
    _compress(log)


def _compress(log: Path) -> None:
    compressed = log.with_name(log.name + ".gz")
    partial = compressed.with_name("." + compressed.name)
    try:
        with log.open("rb") as plain, gzip.open(partial, "wb", compresslevel=6) as packed:
            shutil.copyfileobj(plain, packed)
        os.replace(partial, compressed)
    finally:
        partial.unlink(missing_ok=True)


class Tail:
    """Passes on what a program prints and remembers the end of it, where the reason of a failure is."""

    def __init__(self, log: BuildLog) -> None:
        """Pass on to `log`."""
        self._log = log
        self._end = b""

    def __call__(self, data: bytes) -> None:
        """Take the next piece."""
        self._end = (self._end + data)[-16_384:]
        self._log.write(data)

    @property
    def text(self) -> str:
        """The last 16 KiB, as text."""
        return self._end.decode(errors="replace")

    @property
    def last_line(self) -> str:
        """The last line that has more than blanks, at most 500 characters of it; or nothing."""
        lines = self.text.strip().splitlines()
        return lines[-1].strip()[:500] if lines else ""
