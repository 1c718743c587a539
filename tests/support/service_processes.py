"""Service processes on one PostgreSQL database and one data folder, which can be killed one by one.

    with ServiceProcesses(folder, database_url) as services:
        first = services.start()
        os.kill(first.pid, signal.SIGKILL)

They are forks of one process, so that they share its imports. Their builders append the steps that they begin
to FOLDER/begun; source steps end at once, and chroots after a second, in which they write a log. Leases last
only a few seconds. The messages about builds stay in the database, since their broker does not exist.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

CHROOT = "fedora-45-x86_64"
LEASE = 3.0  # seconds
LINES, PAUSE = 50, 0.02  # of the log of a chroot, and seconds between two lines
NO_BROKER = "amqp://127.0.0.1:1"
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class ServiceProcess:
    """A process, and the port that it listens on."""

    pid: int
    port: int


class ServiceProcesses:
    """The processes of a folder. They are killed at the end."""

    def __init__(self, folder: Path, database: str, public_url: str = "") -> None:
        self.data, self._begun = folder / "data", folder / "begun"
        self._command = [sys.executable, __file__, str(self.data), database, public_url]

    def __enter__(self) -> ServiceProcesses:
        self._program = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._program.kill()
        self._program.communicate()

    def start(self) -> ServiceProcess:
        """Start one more process, and wait until it is ready."""
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write("\n")
        self._program.stdin.flush()
        pid, port = self._program.stdout.readline().split()
        return ServiceProcess(int(pid), int(port))

    def begun(self) -> list[tuple[int, int, str]]:
        """Return the process, the build and the name of each step that was begun."""
        if not self._begun.exists():
            return []
        lines = [line.split() for line in self._begun.read_text().splitlines()]
        return [(int(pid), int(build_id), step) for pid, build_id, step in lines]


def builder(begun):
    from copr_local.builders.builder import Builder
    from copr_local.builders.repository.update import update_repository
    from copr_local.builders.tasks import BuildCancelled, BuiltPackage, SourceResult

    def begin(task, step):
        task.directory.mkdir(parents=True, exist_ok=True)
        with begun.open("a") as file:
            file.write(f"{os.getpid()} {task.build_id} {step}\n")

    def build_source(task):
        begin(task, "source")
        srpm = task.directory / "hello-1.0-1.src.rpm"
        srpm.write_bytes(b"a source RPM" if task.uploaded is None else task.uploaded.read_bytes())
        return SourceResult("hello", "1.0-1", srpm)

    def build_chroot(task):
        begin(task, task.chroot)
        with (task.directory / "builder-live.log").open("w", buffering=1) as log:
            for number in range(LINES):
                log.write(f"line {number}\n")
                if task.cancelled.wait(PAUSE):
                    raise BuildCancelled
        return [BuiltPackage("hello", 0, "1.0", "1", "noarch")]

    return Builder(build_source, build_chroot, update_repository)


def serve(data: Path, database: str, public_url: str) -> None:
    from copr_local import LocalCopr
    from copr_local.rules import leases

    leases.LEASE = LEASE
    settings = {"database": database, "public_url": public_url or None, "events": NO_BROKER}
    with LocalCopr(
        data, chroots=[CHROOT], builder=builder(data.parent / "begun"), builders=4, **settings
    ) as copr:
        print(os.getpid(), copr.address.rpartition(":")[2], flush=True)
        time.sleep(3600)


def main(data: Path, database: str, public_url: str) -> None:
    from copr_local import app, startup  # noqa: F401 - once, for all processes
    from copr_local.data import postgresql  # noqa: F401
    from copr_local.events import publisher  # noqa: F401
    from copr_local.http import server  # noqa: F401

    for _ in sys.stdin:
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            serve(data, database, public_url)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
