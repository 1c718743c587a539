"""Execution of one command from a thread, with a time limit, a cancel event and a check of resource usage.

- A loop checks the time limit, the `cancelled` event and the resource usage at least ten times a second. If
  one of them ends the command, its whole process tree is gone well within two seconds.
- The output of the command goes to `output` in pieces, as they come. `output` can raise an exception to end
  the command; a full build log does this.
- `preexec_fn` is not used, because it is not safe in a process with threads.
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
_NICENESS = 5  # a build gets a third of the CPU share of a normal process, so the service stays responsive
_FIRST = 1000  # if memory runs out, the kernel ends builds before all other programs
_AS_A_BUILD = ("choom", "-n", str(_FIRST), "--", "nice", "-n", str(_NICENESS))


def run(
    command: Sequence[str],
    *,
    output: Output,
    directory: Path,
    environment: Mapping[str, str],
    cancelled: threading.Event,
    deadline: Deadline,
    check: Callable[[int], None],
    handles: Sequence[int] = (),
) -> int:
    """Run a command until it ends.

    Exceptions of `check` and `output` end the command and are passed on. When this function returns or
    raises, the command and all its child processes have ended.

    :param command: program and arguments.
    :param output: takes each piece of the command's output (stdout and stderr together), as bytes.
    :param directory: current directory of the command.
    :param environment: all environment variables of the command.
    :param cancelled: event that ends the command when it is set.
    :param deadline: time limit of the build.
    :param check: takes the process id of the command; called in each turn of the loop.
    :param handles: file descriptors that the command gets besides its output.
    :returns: the exit status; a negative number is the signal that ended the command.
    :raises BuildCancelled: `cancelled` is set.
    :raises BuildFailed: the deadline has passed.
    :raises OSError: the command cannot be started.
    """
    process = subprocess.Popen(  # noqa: S603 - a list of ours, no shell
        [*_AS_A_BUILD, *command],  # it becomes the command, the same process
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=directory,
        env=environment,
        start_new_session=True,
        pass_fds=handles,
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
            if not open_pipe:  # the command ends now, or it closed its output and still runs
                _wait(process, _TICK)
            elif poll.poll(_TICK * 1000):
                piece = os.read(pipe, _PIECE)
                open_pipe = bool(piece)
                output(piece)
        return process.wait()
    finally:
        _end(process)


class Deadline:
    """The time limit of a build, shared by all its commands.

    :param seconds: length of the limit; it starts now.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def check(self) -> None:
        """Check that time is left.

        :raises BuildFailed: the time limit has passed.
        """
        if time.monotonic() > self._end:
            raise BuildFailed(f"it ran longer than {self.seconds:g} s (timeout)")


def _put_behind(pid: int) -> bool:
    """Lower the priority of a command's whole session; return False if this must be tried again.

    Most kernels have "autogroup" on: they share the CPU between sessions, and the nice value of a process has
    an effect only within its session. The kernel accepts ten changes of a session's priority per second.
    """
    try:
        Path(f"/proc/{pid}/autogroup").write_text(str(_NICENESS))
    except BlockingIOError:
        return False
    except OSError:
        return True  # the kernel has no autogroup, or the command has ended
    return True


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait until a process ends, for at most the given seconds."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and its descendants if it still runs, and close its output."""
    try:
        if process.poll() is None:
            # A stopped process starts no new ones during the search for its descendants. Without the stop, a
            # `bwrap` that is killed before its new child has asked to die with it leaves the child behind.
            # `Popen.send_signal` is not used, because it polls: if the command has ended meanwhile, the poll
            # collects its status, and `waitid` fails.
            os.kill(process.pid, signal.SIGSTOP)
            os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
            kill_descendants(process.pid)
            process.kill()
            process.wait()
    finally:
        assert process.stdout is not None
        process.stdout.close()
