"""A program that runs a command without a sandbox, and kills all processes that the command leaves behind.

Run it as a script: `python -I -S reaper.py PID-OF-PARENT COMMAND...`. It imports only the standard library.

- Orphans of the command become children of the reaper, not of init.
- When the command ends, all processes that it left running are killed.
- When the parent dies, the command and all processes that it started are killed.
- `bwrap` does the same with a PID namespace, which no process can leave. The reaper is weaker: a program that
  forks faster than /proc can be read can escape it.
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
    """A live process: its id, the id of its parent, its number of threads, its resident memory in pages."""

    pid: int
    parent: int
    threads: int
    resident: int


def descendants(root: int) -> list[Process]:
    """Return all live descendants of a process.

    :param root: process id; this process itself is not in the result.
    :returns: the descendants, in no particular order; zombies are left out, because they have ended.
    :source: proc_pid_stat(5)
    """
    children: dict[int, list[Process]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (process := live(name)) is not None:
            children.setdefault(process.parent, []).append(process)
    found: list[Process] = []
    open_ends = [root]
    while open_ends:
        below = children.pop(open_ends.pop(), [])
        found += below
        open_ends += [process.pid for process in below]
    return found


def live(name: str) -> Process | None:
    """Return a process.

    :param name: its process id.
    :returns: the process; None if it has ended.
    """
    try:
        with open(f"/proc/{name}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    if not fields or fields[0] in (b"Z", b"X"):
        return None
    return Process(int(name), int(fields[1]), int(fields[17]), int(fields[21]))


def kill_descendants(root: int, seconds: float = 5.0) -> None:
    """Send SIGKILL to all descendants of a process until none is left.

    :param root: process id; this process itself is not killed.
    :param seconds: stop after this time, even if descendants are left.
    """
    until = time.monotonic() + seconds
    while (processes := descendants(root)) and time.monotonic() < until:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        time.sleep(0.005)


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Handle SIGTERM: exit, so that `_reap` kills the descendants."""
    # The kernel sends the signal again for each further thread of the parent that ends.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(128 + signal.SIGTERM)


def _reap(parent: int, command: list[str]) -> int:
    """Run a command, kill what it leaves behind, and return its exit status (128 + the signal if killed)."""
    libc = ctypes.CDLL(None, use_errno=True)
    signal.signal(signal.SIGTERM, _stop)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:  # the parent died before the line above took effect
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
