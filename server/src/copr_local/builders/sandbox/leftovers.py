"""The end of programs that a killed service has left behind.

The kernel kills a sandbox when its service dies, but only from the moment at which `bwrap` has asked for it.
A `bwrap` whose parent is killed before that waits for ever. So all programs of a build have a mark in their
environment: device and inode of the data folder, or of a folder in it that only one process has. No two
folders of a machine have the same. When the process has died, a program with the mark is a leftover.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path

MARK = "COPR_LOCAL_BUILD_OF"


def mark_of(data: Path) -> str:
    """Return the value of `MARK` for the builds of a data folder.

    :param data: the folder.
    :returns: its device and inode.
    :raises OSError: the folder does not exist.
    """
    found = data.stat()
    return f"{found.st_dev}:{found.st_ino}"


def end_leftovers(mark: str, seconds: float = 5.0) -> int:
    """Kill the programs with a mark until none is left.

    Call this only while no builds with this mark run.

    :param mark: the value of `MARK`.
    :param seconds: stop after this time, even if programs are left.
    :returns: number of programs that were killed.
    """
    until = time.monotonic() + seconds
    killed: set[int] = set()
    while (found := _kill_marked(mark)) and time.monotonic() < until:
        killed |= found
        time.sleep(0.005)
    return len(killed)


def _kill_marked(mark: str) -> set[int]:
    """Send SIGKILL to the programs with a mark, and return their process ids."""
    variable = b"\0%b\0" % os.fsencode(f"{MARK}={mark}")
    killed = set()
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        with contextlib.suppress(OSError):  # it has ended, or belongs to another user
            if variable in _environment(name):
                handle = os.pidfd_open(int(name))
                try:
                    if variable in _environment(name):  # the id was not used again meanwhile
                        signal.pidfd_send_signal(handle, signal.SIGKILL)
                        killed.add(int(name))
                finally:
                    os.close(handle)
    return killed


def _environment(process_id: str) -> bytes:
    """Return the variables that a process was started with, each between null bytes."""
    return b"\0%b" % Path("/proc", process_id, "environ").read_bytes()
