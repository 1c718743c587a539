"""Locks on files: they end with the process that holds them, and all machines with the folder see them."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO


def try_lock(path: Path) -> IO[bytes] | None:
    """Lock a file, which is created if needed.

    Who holds the lock may remove the file: others do not get a lock of the removed file.

    :param path: the file.
    :returns: the open file; the lock ends when it is closed. None if another process, or another call in this
        process, holds the lock.
    :raises OSError: the file cannot be opened.
    """
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(file.fileno()), path.stat()):
            return file
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        file.close()
        raise
    file.close()
    return None
