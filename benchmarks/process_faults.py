"""Faults of service processes on one PostgreSQL database: does each build end exactly once?

    python -m benchmarks.process_faults [--times 20] [--only kill-leader kill-any freeze cut]
    python -m benchmarks.process_faults --output docs/local-copr-team.md

Rules: three service processes have one database and one data folder. A builder does nothing for a second in
each chroot. Each fault comes at a random moment (the seed is printed) while builds run that were submitted to
all processes. Leases last three seconds here instead of thirty. An end counts when its message is stored,
which is in the same transaction.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from sqlalchemy import select

from copr_local.builders.repository.update import update_repository
from copr_local.data import client_configuration
from copr_local.data.data_folder import DataFolder
from copr_local.data.database import Database
from copr_local.data.models import Build
from copr_local.data.pending_work import OutgoingMessage
from copr_local.rules import states

from .environments import ROOT
from .sections import update_page

CHROOT = "fedora-45-x86_64"
PROCESSES, BUILDS = 3, 6
LEASE = 3.0  # seconds, as in the service processes
LONGEST_WAIT = 300.0  # seconds
LEADER = (
    "SELECT application_name, pid FROM pg_stat_activity JOIN pg_locks USING (pid)"
    " WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted AND datname = current_database()"
)
CHANCE = random.Random()  # noqa: S311 - it draws moments, no keys


class Farm:
    """The service processes, and what their clients do."""

    def __init__(self, stack: ExitStack) -> None:
        sys.path.append(str(ROOT / "tests/support"))
        from postgresql_server import PostgreSQLServer
        from service_processes import ServiceProcesses

        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.server = stack.enter_context(PostgreSQLServer())
        url = self.server.new_database()
        self.name = url.partition("?")[0].rpartition("/")[2]
        self.services = stack.enter_context(ServiceProcesses(folder, url))
        self.living: list[Any] = [self.services.start() for _ in range(PROCESSES)]
        files = DataFolder(self.services.data, update_repository)
        self.database = stack.enter_context(closing(Database(files)))
        found = client_configuration.read(files.client_configuration)
        assert found is not None
        self.login = base64.b64encode(f"{found.login}:{found.token}".encode()).decode()
        self.takeovers: list[float] = []
        self.call("project/add/local", name="hello", chroots=[CHROOT])

    def call(self, path: str, **body: Any) -> Any:
        """Send a request to one of the living processes."""
        port = CHANCE.choice(self.living).port
        headers = {"Authorization": f"Basic {self.login}", "Content-Type": "application/json"}
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api_3/{path}", json.dumps(body).encode(), headers
        )
        with urllib.request.urlopen(request, timeout=LONGEST_WAIT) as response:  # noqa: S310
            return json.load(response)

    def submit(self) -> None:
        """Submit builds, each to one of the processes."""
        for _ in range(BUILDS):
            link = "https://example.com/hello-1.0-1.src.rpm"
            self.call("build/create/url", ownername="local", projectname="hello", pkgs=[link])

    def leader(self) -> tuple[int, int] | None:
        """Return the ids of the process that leads and of its connection; None if none leads."""
        for name, connection in self.server.execute(LEADER, self.name):
            return int(name.rpartition(" ")[2]), connection
        return None

    def wait_for_another(self, process: int) -> None:
        """Wait until another process leads, and note how long that took."""
        began = time.monotonic()
        wait(lambda: (found := self.leader()) is not None and found[0] != process)
        self.takeovers.append(time.monotonic() - began)

    def kill(self, process: int) -> None:
        """Kill a process, and start another one in its place."""
        leads = self.leader()
        os.kill(process, signal.SIGKILL)
        self.living = [each for each in self.living if each.pid != process]
        if leads is not None and leads[0] == process:
            self.wait_for_another(process)
        self.living.append(self.services.start())

    def unfinished(self) -> int:
        """Return how many builds have not finished."""
        with self.database.reading() as tx:
            found = tx.session.scalars(select(Build.id).where(Build.state.in_(states.UNFINISHED))).all()
        return len(found)


def wait(condition: Callable[[], object]) -> None:
    """Wait until a condition is true."""
    until = time.monotonic() + LONGEST_WAIT
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.02)


def leading(farm: Farm) -> tuple[int, int]:
    """Return the ids of the process that leads and of its connection."""
    wait(farm.leader)
    found = farm.leader()
    assert found is not None
    return found


def kill_leader(farm: Farm) -> None:
    """Kill the leader."""
    farm.kill(leading(farm)[0])


def kill_any(farm: Farm) -> None:
    """Kill one of the processes."""
    farm.kill(CHANCE.choice(farm.living).pid)


def freeze(farm: Farm) -> None:
    """Freeze the leader until another one leads and its leases have ended."""
    process, _ = leading(farm)
    frozen = [each for each in farm.living if each.pid == process]
    farm.living = [each for each in farm.living if each.pid != process]
    os.kill(process, signal.SIGSTOP)
    farm.wait_for_another(process)
    time.sleep(2 * LEASE)
    os.kill(process, signal.SIGCONT)
    farm.living += frozen


def cut(farm: Farm) -> None:
    """End the connection by which a process leads."""
    _, connection = leading(farm)
    began = time.monotonic()
    farm.server.execute(f"SELECT pg_terminate_backend({connection}, 60000)", farm.name)
    wait(lambda: (found := farm.leader()) is not None and found[1] != connection)
    farm.takeovers.append(time.monotonic() - began)


CASES: dict[str, tuple[str, Callable[[Farm], None]]] = {
    "kill-leader": ("kill -9 of the leader", kill_leader),
    "kill-any": ("kill -9 of any process", kill_any),
    "freeze": ("SIGSTOP of the leader past the lease, then SIGCONT", freeze),
    "cut": ("the leader's connection to PostgreSQL is cut", cut),
}


def measure(text: str, fault: Callable[[Farm], None], times: int) -> str:
    """Provoke a fault some times, and return a row of the table."""
    with ExitStack() as stack:
        farm = Farm(stack)
        for _ in range(times):
            farm.submit()
            time.sleep(CHANCE.uniform(0, 1.5))
            fault(farm)
            wait(lambda: not farm.unfinished())
        with farm.database.reading() as tx:
            builds = Counter(tx.session.scalars(select(Build.state)))
            numbers = tx.session.scalars(select(Build.id)).all()
            messages = tx.session.scalars(select(OutgoingMessage)).all()
        bodies = [message.body for message in messages if message.topic == "copr.build.end"]
        ends = Counter((body["build"], body["chroot"]) for body in bodies)
        expected = {(number, chroot) for number in numbers for chroot in ("srpm-builds", CHROOT)}
        wrong = sum(ends[step] != 1 for step in expected | set(ends))
        begun = Counter((build, step) for _, build, step in farm.services.begun())
        again = sum(count - 1 for count in begun.values())
        found = ", ".join(f"{count} {state}" for state, count in sorted(builds.items()))
        taken = farm.takeovers
        seconds = f"{statistics.median(taken):.1f} s, {max(taken):.1f} s" if taken else "-"
    return f"| {text} | {times} | {found} | {wrong} | {again} | {seconds} |"


def main() -> None:
    """Measure and print. Write the section into a page if asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.process_faults", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--times", type=int, default=20, help="how often each fault is provoked")
    parser.add_argument(
        "--only", nargs="*", default=list(CASES), choices=list(CASES), help="these faults only"
    )
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the section into this page")
    options = parser.parse_args()
    CHANCE.seed(options.seed)
    print(f"seed {options.seed}", flush=True)
    rows = []
    for name in options.only:
        rows.append(measure(*CASES[name], options.times))
        print(rows[-1], flush=True)
    if options.output is not None:
        update_page(ROOT / options.output, section(rows))


def section(rows: list[str]) -> str:
    """Return the section of the page."""
    table = "\n".join(rows)
    columns = ("fault", "times", "builds", "steps without one end", "steps repeated", "another leads after")
    head = f"| {' | '.join(columns)} |"
    return f"""## Faults of service processes

`python -m benchmarks.process_faults` provoked each fault at random moments while {BUILDS} builds ran, with
{PROCESSES} service processes. Leases lasted 3 seconds instead of 30. The last column has the median and the
longest time.

{head}
| --- | ---: | --- | ---: | ---: | --- |
{table}
"""


if __name__ == "__main__":
    main()
