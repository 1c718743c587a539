"""Runs a program without a sandbox so that none of its processes outlives it.

Run as a script: `python -I -S reaper.py PID-OF-PARENT COMMAND...`. It imports the standard library only.

- Orphans of the command become children of the reaper, not of init.
- When the command ends, everything that it left running is killed.
- When the parent dies, the command and everything that it started are killed.
- `bwrap` does the same with a PID namespace, which nothing can leave. A program that forks faster than /proc
  can be read can escape the reaper.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from types import FrameType
from typing import NamedTuple, NoReturn

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


class Process(NamedTuple):
    """One live process: its threads are counted, its resident memory is in pages."""

    pid: int
    parent: int
    threads: int
    resident: int


def descendants(root: int) -> list[Process]:
    """Every live process below `root`, in no order; zombies have ended and are left out."""
    children: dict[int, list[Process]] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if fields and fields[0] not in (b"Z", b"X"):
            process = Process(int(name), int(fields[1]), int(fields[17]), int(fields[21]))
            children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    open_ends = [root]
    while open_ends:
        below = children.pop(open_ends.pop(), [])
        found += below
        open_ends += [process.pid for process in below]
    return found


def kill_descendants(root: int, seconds: float = 5.0) -> None:
    """SIGKILL everything below `root` until nothing is left there, for at most `seconds`."""
    until = time.monotonic() + seconds
    while (processes := descendants(root)) and time.monotonic() < until:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        time.sleep(0.005)


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    # The kernel says it again for every other thread of the parent that dies.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(128 + signal.SIGTERM)


def _reap(parent: int, command: list[str]) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    signal.signal(signal.SIGTERM, _stop)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above took effect
        return 1
    try:
        # Python ignores these two signals; a build expects them to end a process.
        child = os.posix_spawnp(command[0], command, os.environ, setsigdef=[signal.SIGPIPE, signal.SIGXFSZ])
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    try:
        while True:
            pid, status = os.wait()
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
                return code if code >= 0 else 128 - code
    finally:
        kill_descendants(os.getpid())


if __name__ == "__main__":
    sys.exit(_reap(int(sys.argv[1]), sys.argv[2:]))
