"""Runs one command from a thread, passes on what it prints, and ends its whole process tree on demand.

The loop wakes at least ten times a second to look at the clock, at the build's `cancelled` event and at what
the tree uses; so each of them ends the tree well within two seconds. What the command prints goes
to `output` in pieces as they come; `output` may raise to end the command (a log that is full does).
No `preexec_fn` anywhere: the service has threads.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..tasks import BuildCancelled, BuildFailed
from .reaper import kill_descendants

Output = Callable[[bytes], object]

_TICK = 0.1  # seconds
_PIECE = 64 * 1024  # bytes
_NICENESS = 5  # builds get a third of the share of anything else: the service answers while they run


def run(
    command: Sequence[str],
    *,
    output: Output,
    directory: Path,
    environment: Mapping[str, str],
    cancelled: threading.Event,
    deadline: Deadline,
    check: Callable[[int], None],
) -> int:
    """Run `command` to its end and return its exit status (negative: the signal that ended it).

    `check` is called with the command's process id at every turn of the loop and may raise.

    Raises `BuildCancelled` when `cancelled` is set, `BuildFailed` when the deadline has passed, and what
    `check` or `output` raise; the command's processes are gone by then.
    """
    process = subprocess.Popen(  # noqa: S603 - a list of ours, no shell
        ["nice", "-n", str(_NICENESS), *command],  # noqa: S607 - it becomes the command, the same process
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=directory,
        env=environment,
        start_new_session=True,
        umask=0o022,
    )
    assert process.stdout is not None
    pipe = process.stdout.fileno()
    poll = select.poll()
    poll.register(pipe, select.POLLIN | select.POLLHUP)
    open_pipe, is_behind = True, False
    try:
        while open_pipe or process.poll() is None:
            if cancelled.is_set():
                raise BuildCancelled
            is_behind = is_behind or _put_behind(process.pid)
            deadline.check()
            check(process.pid)
            if not open_pipe:  # it ends now, or closed its output and goes on
                _wait(process, _TICK)
            elif poll.poll(_TICK * 1000):
                piece = os.read(pipe, _PIECE)
                open_pipe = bool(piece)
                output(piece)
        return process.wait()
    finally:
        _end(process)


class Deadline:
    """The moment by which a build must be over, shared by all its commands."""

    def __init__(self, seconds: float) -> None:
        """`seconds` from now."""
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        """Raise `BuildFailed` once it has passed."""
        if time.monotonic() > self._end:
            raise BuildFailed(f"it ran longer than {self.seconds:g} s (timeout)")


def _put_behind(pid: int) -> bool:
    """Make the session of a command as nice as the command; False where that is to be tried again.

    With "autogroup", a setting of most kernels, sessions share the processor among them, and how nice a
    process is counts within its own only. The kernel takes ten such wishes a second.
    """
    try:
        Path(f"/proc/{pid}/autogroup").write_text(str(_NICENESS))
    except BlockingIOError:
        return False
    except OSError:
        return True  # there is no such thing here, or the command has ended
    return True


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        if process.poll() is None:
            # Once stopped, it starts nothing while its descendants are looked for. A `bwrap` that is killed
            # right after the birth of its child, before that child asks to die with it, would leave the
            # child behind. Not `Popen.send_signal`, which polls once more: a command that has ended
            # meanwhile could not be waited for then.
            os.kill(process.pid, signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            kill_descendants(process.pid)
            process.kill()
            process.wait()
    finally:
        assert process.stdout is not None
        process.stdout.close()
