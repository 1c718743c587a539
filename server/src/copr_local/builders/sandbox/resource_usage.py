"""Resource usage of one build: its processes, memory and disk space, measured while it runs.

Memory is the resident memory of the whole process tree, measured four times a second:

- The sum of the resident sizes counts a shared page once for each process. If this sum is over the limit, the
  proportional set sizes (`Pss`) are read. The build is ended if their sum is over the limit too.
- Between two measurements a build can exceed the limit by what it can allocate in a quarter of a second. A
  single process cannot, because `sandbox` also sets the limit as `RLIMIT_DATA` of each process.
- Files that have no name but are open or mapped count as well, once a second: as memory if they are only in
  memory (memfd_create(2), shared mappings). Their pages may be in no process.
- What the kernel keeps for open files, pipes and sockets is in no process either. It is estimated: 4 KiB for
  each, and for a socket also its buffer, as if it were full. A limit of 65,536 files for each process bounds
  what can be opened between two measurements.
- Control groups would be exact, but a service can use them only if systemd or root gives it its own group.
  Without them, nobody counts files on their way through a socket, and buffers that a program has made larger
  than the default. If the memory of the machine runs out, the kernel ends builds before other programs
  (`process.run`).

Disk space is what the files in the work directory occupy, and open files that were removed there. A separate
program, `du`, counts it, so the threads of the service do not wait while a large tree is read.
"""

from __future__ import annotations

import contextlib
import functools
import os
import resource
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..tasks import BuildFailed, Limits
from .reaper import Process, descendants, live

_PAGE = resource.getpagesize()
_LOOK_AT_PROCESSES = 0.25  # seconds between two measurements
_COUNT = 'du --summarize --total --block-size=1 -- "$@"; exec du --summarize --total --inodes -- "$@"'
_HANDLE = 4096  # bytes that the kernel keeps for an open file, or for one end of a pipe
_LOOK_AT_DISK = 1.0  # seconds between two measurements, or ten times the duration of the last one, if longer


def size(count: float) -> str:
    """Return a number of bytes as a text for people, with a unit.

    :param count: number of bytes.
    :returns: the text, such as `8 GiB`, `1.5 MiB` or `512 bytes`.
    """
    if count < 1024:
        return f"{count:g} bytes"
    for unit in ("KiB", "MiB", "GiB"):
        count /= 1024
        if count < 1024 or unit == "GiB":
            break
    return f"{count:.3g} {unit}" if count < 1000 else f"{count:.0f} {unit}"


class Meter:
    """The check of a build's resource usage against its limits.

    :param directory: work directory of the build.
    :param limits: limits on processes, memory and disk space.
    """

    def __init__(self, directory: Path, limits: Limits) -> None:
        self._limits = limits
        self._disk = _Disk(directory)
        self._directory = directory
        self._held = _Held()
        self._next_look_at_handles = time.monotonic() + _LOOK_AT_DISK
        self._next_look = time.monotonic() + _LOOK_AT_PROCESSES

    def check(self, pid: int) -> None:
        """Measure the process tree and the disk space if a measurement is due, and check the limits.

        :param pid: process id of the running command; its descendants are measured.
        :raises BuildFailed: the limit on memory, processes or disk space is exceeded.
        """
        now = time.monotonic()
        if now >= self._next_look:
            self._next_look = now + _LOOK_AT_PROCESSES
            self._check_processes(_below(pid) if _lists_children() else descendants(pid))
        self._check_disk(*self._disk.used())

    def final_check(self) -> None:
        """Measure the disk space once more, now, and check the limit.

        A command that writes one very large file fails at the file size limit before `check` notices it.

        :raises BuildFailed: the limit on disk space is exceeded.
        """
        self._held = _Held()
        self._check_disk(*self._disk.used_now())

    @contextlib.contextmanager
    def counting(self, directory: Path) -> Iterator[None]:  # noqa: DOC402 - a context manager
        """Count the files of one more directory while the body of the `with` statement runs, and at its end.

        :param directory: the directory.
        :returns: a context manager.
        :raises BuildFailed: at the end, the limit on disk space is exceeded.
        """
        self._disk.directories.append(directory)
        try:
            yield
            self.final_check()
        finally:
            self._disk.directories.remove(directory)

    def close(self) -> None:
        """Stop a measurement that still runs."""
        self._disk.close()

    def _check_processes(self, processes: list[Process]) -> None:
        if sum(process.threads for process in processes) > self._limits.processes:
            raise BuildFailed(f"it ran more than {self._limits.processes} processes at once")
        now = time.monotonic()
        if now >= self._next_look_at_handles:
            self._next_look_at_handles = now + _LOOK_AT_DISK
            self._held = _held(processes, self._directory)
        in_memory, kernel, allowed = self._held.in_memory, self._held.in_kernel, self._limits.memory
        if kernel + in_memory + _resident(processes) > allowed:
            private, shared = _proportional(processes)
            if kernel + private + max(shared, in_memory) > allowed:
                most = f", most of it for {self._held.handles} open files" if kernel > allowed / 2 else ""
                raise BuildFailed(f"it used more than {size(allowed)} of memory{most}")

    def _check_disk(self, used: int, files: int) -> None:
        if used + self._held.on_disk >= self._limits.disk:
            raise BuildFailed(f"its files are larger than {size(self._limits.disk)}")
        if files > self._limits.files:
            raise BuildFailed(f"it made more than {self._limits.files} files")


@functools.cache
def _lists_children() -> bool:
    """Return True if the kernel lists the children of each thread."""
    return os.path.exists(f"/proc/self/task/{threading.get_native_id()}/children")


def _below(root: int) -> list[Process]:
    """Return the live descendants of a process, without a look at the other processes of this machine.

    One that starts or ends meanwhile can be left out, until the next measurement.
    """
    found: list[Process] = []
    open_ends = [str(root)]
    while open_ends:
        name = open_ends.pop()
        with contextlib.suppress(OSError):  # the process has ended meanwhile
            for thread in os.listdir(f"/proc/{name}/task"):
                with open(f"/proc/{name}/task/{thread}/children") as file:
                    children = file.read().split()
                found += filter(None, map(live, children))
                open_ends += children
    return found


def _resident(processes: list[Process]) -> int:
    """Return the bytes of resident memory; a shared page is counted once for each process."""
    return sum(process.resident for process in processes) * _PAGE


def _proportional(processes: list[Process]) -> tuple[int, int]:
    """Return the bytes of resident memory; a page that processes share is divided between them.

    The second number is memory of files that are only in memory, the first one all other memory.
    """
    total = shared = 0
    for process in processes:
        try:
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
        except OSError:  # the process has ended meanwhile
            continue
        sizes = {parts[0]: int(parts[1]) * 1024 for line in lines[1:] if (parts := line.split())}
        total += sizes["Pss:"]
        shared += sizes.get("Pss_Shmem:", 0)
    return total - shared, shared


@dataclass(frozen=True)
class _Held:
    """What processes hold besides their own memory.

    :param in_memory: bytes of files without a name, open or mapped, that are only in memory.
    :param on_disk: the same, of those on the disk of the build.
    :param in_kernel: bytes that the kernel keeps for open files, pipes and sockets.
    :param handles: number of open files, pipes and sockets.
    """

    in_memory: int = 0
    on_disk: int = 0
    in_kernel: int = 0
    handles: int = 0


def _held(processes: list[Process], directory: Path) -> _Held:
    """Return what processes hold; `directory` is on the disk of the build."""
    disk = directory.stat().st_dev
    nameless: dict[tuple[int, int], int] = {}
    sockets: set[int] = set()
    count = 0
    for process in processes:
        with contextlib.suppress(OSError), os.scandir(f"/proc/{process.pid}/fd") as handles:
            for handle in handles:
                count += 1
                file = _add_nameless(nameless, handle.path)
                if file is not None and stat.S_ISSOCK(file.st_mode):
                    sockets.add(file.st_ino)
        with contextlib.suppress(OSError):
            _add_mapped(nameless, process.pid)
    on_disk = sum(size for (device, _), size in nameless.items() if device == disk)
    in_kernel = count * _HANDLE + len(sockets) * _socket_buffer()
    return _Held(sum(nameless.values()) - on_disk, on_disk, in_kernel, count)


@functools.cache
def _socket_buffer() -> int:
    """Return the bytes that are sent into a socket before its reader has to read, by default.

    :source: socket(7)
    """
    try:
        return int(Path("/proc/sys/net/core/wmem_default").read_text())
    except OSError:  # the service is in a container with a network of its own
        return 212_992


def _add_nameless(found: dict[tuple[int, int], int], path: str) -> os.stat_result | None:
    """Add the size of a file if it has no name, and return what it is; None if it is closed by now.

    Raise `PermissionError` if the kernel does not show it.
    """
    try:
        file = os.stat(path)
    except (FileNotFoundError, ProcessLookupError):  # it is closed, or the process has ended
        return None
    if file.st_nlink == 0 and stat.S_ISREG(file.st_mode):
        found[file.st_dev, file.st_ino] = file.st_blocks * 512
    return file


def _add_mapped(found: dict[tuple[int, int], int], pid: int) -> None:
    """Add the sizes of the files without a name that a process has mapped.

    Only root may see these files. Others see how much of them is mapped, which can be more than there is.

    :source: proc_pid_maps(5), proc_pid_map_files(5)
    """
    with open(f"/proc/{pid}/maps") as file:
        mapped = [line.split(maxsplit=5) for line in file if line.endswith(" (deleted)\n")]
    for place, _, _, device, inode, _ in mapped:
        first, last = (int(address, 16) for address in place.split("-"))
        try:
            _add_nameless(found, f"/proc/{pid}/map_files/{first:x}-{last:x}")
        except PermissionError:
            key = os.makedev(*(int(part, 16) for part in device.split(":"))), int(inode)
            found[key] = max(found.get(key, 0), last - first)


class _Disk:
    """The bytes and the files in directories together, from the last `du` that has finished."""

    def __init__(self, directory: Path) -> None:
        self.directories = [directory]
        self._running: subprocess.Popen[bytes] | None = None
        self._began = 0.0
        self._next = time.monotonic() + _LOOK_AT_DISK
        self._used = (0, 0)

    def used(self) -> tuple[int, int]:
        """Return the last result; start a new `du` if one is due, but do not wait for it."""
        now = time.monotonic()
        if self._running is not None and self._running.poll() is not None:
            self._finish()
            self._next = now + max(_LOOK_AT_DISK, 10 * (now - self._began))
        elif self._running is None and now >= self._next:
            self._start(now)
        return self._used

    def used_now(self) -> tuple[int, int]:
        """Run `du` now, wait for it, and return its result."""
        self.close()
        self._start(time.monotonic())
        self._finish()
        return self._used

    def close(self) -> None:
        """Kill a `du` that still runs."""
        if self._running is not None:
            if self._running.poll() is None:
                os.killpg(self._running.pid, signal.SIGKILL)
            self._running.communicate()
            self._running = None

    def _start(self, now: float) -> None:
        self._began = now
        self._running = subprocess.Popen(  # noqa: S603 - a list of ours, no shell
            ["sh", "-c", _COUNT, "sh", *map(str, self.directories)],  # noqa: S607
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _finish(self) -> None:
        assert self._running is not None
        answer, _ = self._running.communicate()
        self._running = None
        # A file that vanishes makes `du` fail, but it still prints a sum.
        sums = [line.split()[0] for line in answer.splitlines() if line.endswith(b"\ttotal")]
        if len(sums) == 2:
            self._used = (int(sums[0]), int(sums[1]))
