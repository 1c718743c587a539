"""What the processes and the work directory of one build use, measured while it runs.

Memory is the resident memory of the whole tree, looked at four times a second. The sum of resident sizes
counts shared pages once per process, so it only says when to look closely: the build is ended when the
proportional sizes (`Pss`) together are over the limit. Between two looks a build can overshoot by what it
can touch in a quarter of a second; a single process cannot, because `sandbox` also gives each of them the
limit as `RLIMIT_DATA`. Control groups would be exact, but a service may use them only where systemd or root
hands it a group of its own.

Disk is what the files in the work directory occupy, counted by `du`: outside this process, so that the
service's threads do not wait for a walk over a large tree.
"""

from __future__ import annotations

import resource
import subprocess
import time
from pathlib import Path

from ..tasks import BuildFailed, Limits
from .reaper import Process, descendants

_PAGE = resource.getpagesize()
_LOOK_AT_PROCESSES = 0.25  # seconds between two looks
_LOOK_AT_DISK = 1.0  # seconds between two looks, or ten times what the last one took


def size(count: float) -> str:
    """`count` bytes for people: `8 GiB`, `1.5 MiB`, `512 bytes`."""
    if count < 1024:
        return f"{count:g} bytes"
    for unit in ("KiB", "MiB", "GiB"):
        count /= 1024
        if count < 1024 or unit == "GiB":
            break
    return f"{count:.3g} {unit}" if count < 1000 else f"{count:.0f} {unit}"


class Meter:
    """Ends a build that uses more than its limits allow, by raising from `check`."""

    def __init__(self, directory: Path, limits: Limits) -> None:
        """Watch `directory` and the process tree that `check` is told of."""
        self._limits = limits
        self._disk = _Disk(directory)
        self._next_look = 0.0

    def check(self, pid: int) -> None:
        """Look at the processes below `pid` and at the disk, if it is time to.

        Raises `BuildFailed`: a limit on memory, processes or disk is exceeded.
        """
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + _LOOK_AT_PROCESSES
            self._check_processes(descendants(pid))
        self._check_disk(self._disk.used())

    def final_check(self) -> None:
        """Look at the disk once more: a single file stops growing at the limit before `check` sees it."""
        self._check_disk(self._disk.used_now())

    def close(self) -> None:
        """End the measuring."""
        self._disk.close()

    def _check_processes(self, processes: list[Process]) -> None:
        if sum(process.threads for process in processes) > self._limits.processes:
            raise BuildFailed(f"it ran more than {self._limits.processes} processes at once")
        allowed = self._limits.memory
        if _resident(processes) > allowed and _proportional(processes) > allowed:
            raise BuildFailed(f"it used more than {size(allowed)} of memory")

    def _check_disk(self, used: int) -> None:
        if used >= self._limits.disk:
            raise BuildFailed(f"its files grew over {size(self._limits.disk)}")


def _resident(processes: list[Process]) -> int:
    return sum(process.resident for process in processes) * _PAGE


def _proportional(processes: list[Process]) -> int:
    """Resident memory with each shared page counted once, split among those who share it."""
    total = 0
    for process in processes:
        try:
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        except OSError:  # it ended meanwhile
            continue
    return total


class _Disk:
    """The bytes that a directory occupies, by the last `du` that ended."""

    def __init__(self, directory: Path) -> None:
        self._command = ["du", "--summarize", "--block-size=1", "--", str(directory)]
        self._running: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._next = time.monotonic() + _LOOK_AT_DISK
        self._used = 0

    def used(self) -> int:
        """What the last count said; starts one if it is time to, and never waits for it."""
        now = time.monotonic()
        if self._running is not None and self._running.poll() is not None:
            self._finish()
            self._next = now + max(_LOOK_AT_DISK, 10 * (now - self._began))
        elif self._running is None and now >= self._next:
            self._start(now)
        return self._used

    def used_now(self) -> int:
        """Count and wait for the answer."""
        self.close()
        self._start(time.monotonic())
        self._finish()
        return self._used

    def close(self) -> None:
        """End a count that still runs."""
        if self._running is not None:
            self._running.kill()
            self._running.communicate()
            self._running = None

    def _start(self, now: float) -> None:
        self._began = now
        self._running = subprocess.Popen(  # noqa: S603 - a list of ours, no shell
            self._command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def _finish(self) -> None:
        assert self._running is not None
        answer, _ = self._running.communicate()
        self._running = None
        count = answer.split()[:1]
        if count and count[0].isdigit():  # files that vanish meanwhile make `du` complain, and count on
            self._used = int(count[0])
