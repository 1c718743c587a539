"""How processes share a data folder: its lock, and a folder for the unfinished files of each process.

With SQLite one process holds the lock alone. With PostgreSQL several processes share it. The first one holds
it alone while it prepares the folder; the others wait for that.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..filesystem.file_lock import try_lock

STARTING = 60.0  # seconds to wait while another process prepares the folder
PAUSE = 0.05  # seconds between two attempts to get the lock
PREFIX, LOCK = "process-", ".lock"  # of the folder of a process, and of the lock next to it

Claim = tuple[int, str | None, int | None]  # build, chroot (None for the source step), number

_SHARED = "shared"  # in the lock file: the process shares the lock when it has prepared the folder


class InUseError(Exception):
    """Another process serves the folder; the text is its process id."""


class FolderLock:
    """The lock of a data folder, as a process that serves it has it.

    :param path: the lock file.
    :param is_shared: True if several processes may serve the folder.
    :raises OSError: the file cannot be opened.
    """

    def __init__(self, path: Path, *, is_shared: bool = False) -> None:
        self._file = path.open("a+")
        self._is_shared = is_shared
        self.is_alone = True

    def take(self) -> None:
        """Take the lock; `is_alone` is False if another process already served the folder.

        :raises InUseError: another process has the lock, and does not share it.
        """
        until = time.monotonic() + STARTING
        while not self._try():
            self._file.seek(0)
            holder, _, kind = self._file.read().strip().partition(" ")
            if not (self._is_shared and kind == _SHARED) or time.monotonic() > until:
                self._file.close()
                raise InUseError(holder)
            time.sleep(PAUSE)
        self._file.truncate(0)
        self._file.write(f"{os.getpid()} {_SHARED}\n" if self._is_shared else f"{os.getpid()}\n")
        self._file.flush()

    def _try(self) -> bool:
        for kind in (fcntl.LOCK_EX, fcntl.LOCK_SH):
            self.is_alone = kind == fcntl.LOCK_EX
            if self.is_alone or self._is_shared:
                with suppress(BlockingIOError):
                    fcntl.flock(self._file, kind | fcntl.LOCK_NB)
                    return True
        return False

    def share(self) -> None:
        """Let other processes serve the folder, too, if they may."""
        if self._is_shared:
            fcntl.flock(self._file, fcntl.LOCK_SH)

    def release(self) -> None:
        """Release the lock."""
        self._file.close()


def is_locked(path: Path) -> bool:
    """Return True if a process has the lock of a data folder.

    Do not call this in a loop: it holds the lock for a moment.

    :param path: the lock file.
    :returns: False also if the file does not exist.
    :raises OSError: the file cannot be opened.
    """
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


class ProcessFolder:
    """The folder for the unfinished files of this process. Its lock file says what the process builds.

    :param parent: the folder with those of all processes.
    :raises OSError: it cannot be created.
    """

    def __init__(self, parent: Path) -> None:
        self._lock: IO[bytes] | None = None
        # Another process may take the lock of a new file for that of a dead process, and remove the file.
        while self._lock is None:
            self.path = parent / f"{PREFIX}{secrets.token_hex(4)}"
            self._lock = try_lock(self.path.with_suffix(LOCK))
        self.path.mkdir()

    def store_claims(self, claims: Sequence[Claim]) -> None:
        """Store what this process builds, for the process that finds it dead.

        :param claims: the claims.
        :raises OSError: the file cannot be written.
        """
        assert self._lock is not None
        self._lock.truncate(0)
        self._lock.write(json.dumps(claims).encode())
        self._lock.flush()

    def remove(self) -> None:
        """Remove the folder, as far as that is possible."""
        assert self._lock is not None
        _remove(self.path, self._lock)


@dataclass(frozen=True)
class DeadProcess:
    """A process that has died, and has not stopped.

    :param folder: its folder; it may not exist.
    :param claims: what it was building.
    """

    folder: Path
    claims: Sequence[Claim]


def dead_processes(parent: Path) -> Iterator[DeadProcess]:  # noqa: DOC402 - a generator
    """Return the processes that have died; the folder of each is removed when the next one is asked for.

    A process that is frozen still has its lock, so it is not among them.

    :param parent: the folder with those of all processes.
    :returns: the processes.
    :raises OSError: a lock cannot be opened.
    """
    for path in parent.glob(f"{PREFIX}*{LOCK}"):
        lock = try_lock(path)
        if lock is not None:
            try:
                yield DeadProcess(path.with_suffix(""), _claims(path))
            finally:
                _remove(path.with_suffix(""), lock)


def _claims(path: Path) -> list[Claim]:
    """Return the claims in the lock file of a dead process; none if it died while it wrote them."""
    try:
        return [(build_id, chroot, number) for build_id, chroot, number in json.loads(path.read_bytes())]
    except (OSError, ValueError, TypeError):
        return []


def _remove(folder: Path, lock: IO[bytes]) -> None:
    """Remove the folder of a process, and the lock that is held."""
    with lock:
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            folder.with_suffix(LOCK).unlink(missing_ok=True)
