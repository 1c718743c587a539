"""Service processes on one PostgreSQL database and one data folder: `python service_processes.py DATA URL`.

For each line on standard input, a process with a service is started. It prints its process id and its URL. A
builder of a service appends the steps that it begins to DATA/../begun; source steps end at once, and chroots
after `SECONDS`. Leases last only `LEASE` seconds. All of them end with this program.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from pathlib import Path

from copr_local import LocalCopr, app, startup
from copr_local.builders.builder import Builder
from copr_local.builders.tasks import BuildCancelled, BuiltPackage, SourceResult
from copr_local.data import postgresql
from copr_local.events import publisher
from copr_local.http import server
from copr_local.rules import leases

IMPORTED = (app, postgresql, publisher, server, startup)  # by the parent, for all its children
CHROOT = "fedora-45-x86_64"
LEASE, SECONDS = 3.0, 0.5
NO_BROKER = "amqp://127.0.0.1:1"  # messages stay in the database
PR_SET_PDEATHSIG = 1


def builder(begun: Path) -> Builder:
    def begin(task, step: str) -> None:
        task.directory.mkdir(parents=True, exist_ok=True)
        (task.directory / "builder-live.log").write_text("begun\n")
        with begun.open("a") as file:
            file.write(f"{os.getpid()} {task.build_id} {step}\n")

    def build_source(task):
        begin(task, "source")
        srpm = task.directory / "hello-1.0-1.src.rpm"
        srpm.write_text("a source RPM")
        return SourceResult("hello", "1.0-1", srpm)

    def build_chroot(task):
        begin(task, task.chroot)
        if task.cancelled.wait(SECONDS):
            raise BuildCancelled
        return [BuiltPackage("hello", 0, "1.0", "1", "noarch")]

    return Builder(build_source, build_chroot, lambda _directory: {})


def serve(data: Path, url: str) -> None:
    leases.LEASE = LEASE
    built_with = builder(data.parent / "begun")
    service = LocalCopr(
        data, chroots=[CHROOT], builder=built_with, builders=4, database=url, events=NO_BROKER
    )
    with service as copr:
        print(os.getpid(), copr.url, flush=True)
        time.sleep(3600)


if __name__ == "__main__":
    for _ in sys.stdin:
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            serve(Path(sys.argv[1]), sys.argv[2])
