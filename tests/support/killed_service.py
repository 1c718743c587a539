"""Local Coprs that are killed: `python killed_service.py DATA RPM`. It reads points, one on each line.

For each point it starts a service in a process of its own, and prints how the process ended. The service
waits until all builds of the folder DATA have finished, submits one more, and is killed (SIGKILL) at the
point:

    commit N     after the N-th transaction, of which the first is the submission
    published    when a chroot's packages are published, but not its metadata
    described    when new metadata is written, but not published
    swapped      when new metadata is published, but the database does not know it
    never        it exits when all builds have finished

A builder that starts a step appends a line to DATA/../begun. The result of each build is a copy of RPM.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from copr_local import LocalCopr, app, startup
from copr_local.builders.builder import Builder
from copr_local.builders.repository import update
from copr_local.builders.results import clear, write_results
from copr_local.builders.tasks import BuiltPackage, SourceResult
from copr_local.data.database import Database
from copr_local.data.models import Build
from copr_local.http import server
from copr_local.rules import project_dirs, projects, sources, states, submission, users

IMPORTED = (app, server, startup)  # by the parent, for all its children
CHROOTS = ("fedora-45-x86_64", "epel-10-x86_64")


class Killer:
    """Kills this process at one point after a build was submitted."""

    def __init__(self, point: str) -> None:
        self._point = point
        self._commits = 0
        self._lock = threading.Lock()
        self.armed = False

    def at(self, point: str) -> None:
        if self.armed and point == self._point:
            os.kill(os.getpid(), signal.SIGKILL)

    def count_commits(self) -> None:
        original = Database.writing

        @contextmanager
        def writing(database, **options):
            with original(database, **options) as tx:
                yield tx
            with self._lock:
                self._commits += self.armed
                self.at(f"commit {self._commits}")

        Database.writing = writing

    def watch_metadata(self) -> None:
        original = update._swap

        def swap(new, current):
            self.at("described")
            original(new, current)
            self.at("swapped")

        update._swap = swap


def builder(rpm: Path, begun: Path, killer: Killer) -> Builder:
    def note(step: str) -> None:
        with begun.open("a") as file:
            file.write(f"{step}\n")

    def build_source(task):
        note(f"{task.build_id} source")
        task.directory.mkdir(parents=True, exist_ok=True)
        srpm = task.directory / "hello-1.0-1.src.rpm"
        srpm.write_text("a source RPM")
        return SourceResult("hello", "1.0-1", srpm)

    def build_chroot(task):
        note(f"{task.build_id} {task.chroot}")
        task.directory.mkdir(parents=True, exist_ok=True)
        clear(task.directory)
        # A name for each build: of packages with one version, a repository lists only the newest.
        shutil.copyfile(rpm, task.directory / f"hello-{task.build_id}-1.noarch.rpm")
        packages = [BuiltPackage("hello", 0, str(task.build_id), "1", "noarch")]
        write_results(task.directory, packages)
        killer.at("published")
        return packages

    return Builder(build_source, build_chroot, update.update_repository)


def submit(copr: LocalCopr) -> None:
    with copr.database.writing() as tx:
        user = users.first(tx)
        assert user is not None
        project = projects.find(tx, user.name, "hello")
        if project is None:
            project = projects.add(tx, user, user.name, "hello", CHROOTS, {})
        directory = project_dirs.get_dir(tx, project, "hello")
        url = "https://example.com/hello-1.0-1.src.rpm"
        submission.submit(tx, user, directory, sources.link(url), submission.Options())


def wait(copr: LocalCopr) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with copr.database.reading() as tx:
            if all(build.state in states.FINISHED for build in tx.session.query(Build)):
                return
        time.sleep(0.01)
    raise TimeoutError("builds do not end")


def main(data: Path, rpm: Path, point: str) -> None:
    killer = Killer(point)
    killer.count_commits()
    killer.watch_metadata()
    with LocalCopr(data, chroots=CHROOTS, builder=builder(rpm, data.parent / "begun", killer)) as copr:
        wait(copr)
        killer.armed = True
        submit(copr)
        wait(copr)


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()  # so that all of them share the imports
        if child == 0:
            main(Path(sys.argv[1]), Path(sys.argv[2]), line.strip())
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
