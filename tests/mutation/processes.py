"""Child processes that do some work and end in time, several side by side."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator

#: Exit status of a child whose work raised an exception.
BROKEN = 70


class Child:
    """A copy of this process that does some work; its exit status is what the work returns.

    :param work: is called with the descriptor of a pipe, and may write a few bytes to it.
    :param seconds: after this time the child is killed, with everything that it started.
    """

    def __init__(self, work: Callable[[int], int], seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        #: The exit status; a negative number is the signal that ended the child; None if it took too long.
        self.code: int | None = None
        #: What the work wrote.
        self.told = b""
        self._pipe, inner = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            code = BROKEN
            try:
                os.setsid()
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                signal.signal(signal.SIGTERM, signal.SIG_DFL)
                nothing = os.open(os.devnull, os.O_RDWR)
                for descriptor in (0, 1, 2):
                    os.dup2(nothing, descriptor)
                code = work(inner)
            finally:
                os._exit(code)  # no clean-up of the parent runs here
        os.close(inner)

    def has_ended(self) -> bool:
        """Return True if the child has ended, and kill it if its time is over."""
        ended, status = os.waitpid(self.process, os.WNOHANG)
        if not ended and time.monotonic() < self.deadline:
            return False
        self.code = os.waitstatus_to_exitcode(status) if ended else None
        self.kill()
        return True

    def kill(self) -> None:
        """Kill what the child started, and the child if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.process, 0)
        os.set_blocking(self._pipe, False)
        with contextlib.suppress(BlockingIOError):
            self.told = os.read(self._pipe, 65536)
        os.close(self._pipe)


def side_by_side(work: Iterator[Callable[[], Child]], at_once: int) -> Iterator[Child]:
    """Start children one after the other, so many at once, and return each when it has ended."""
    running: list[Child] = []
    try:
        while True:
            while len(running) < at_once and (start := next(work, None)) is not None:
                running.append(start())
            if not running:
                return
            for child in [each for each in running if each.has_ended()]:
                running.remove(child)
                yield child
            time.sleep(0.005)
    finally:
        for child in running:
            child.kill()


def end_if_longer(seconds: float) -> None:
    """End this process with SIGALRM after some time, counted from now; 0 for no limit."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
