"""Load of the local Copr: many clients that poll while builds run, and a project with very many builds.

    python -m benchmarks.load [--builds N] [--seconds N] [--output docs/local-copr-load.md]

Rules: the service is the real one. The eight builds that run during the polls are real, too: rpmbuild in
sandboxes, busy all the time. The many builds are rows written straight into the database, with two chroots
each, in 1,000 packages. So are the builds that wait: without builders, the next step is only chosen.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import insert

from copr.v3 import Client
from copr_local import LocalCopr
from copr_local.data.models import Build, BuildChroot, Package
from copr_local.rules import projects as projects_
from copr_local.rules import queue_order, turns, users

from .environments import ROOT
from .sections import update_page

CHROOTS = ["fedora-45-x86_64", "epel-10-x86_64"]
BUSY = 8
CLIENTS = 200
LIMIT = 250  # milliseconds; 90 % of the polls must be faster
PAGE_LIMIT = 50  # milliseconds; pages of the large project must be faster
PACKAGES = 1000
DECISION_LIMIT = 5  # milliseconds; the next step must be chosen faster
WAITING = ((100, 1), (100, 100), (100_000, 1), (100_000, 100), (100_000, 1000))  # builds, projects
BUSY_SPEC = """\
Name: busy
Version: 1
Release: 1
Summary: A build that runs until it is canceled
License: MIT
BuildArch: noarch
%description
%{summary}.
%build
while :; do :; done
%files
"""


@dataclass(frozen=True)
class Polls:
    """Result of the polls of all clients while so many builds run; times are in milliseconds."""

    builds: int
    polls: int
    errors: int
    median: float
    slow: float
    slowest: float

    @property
    def status(self) -> str:
        """Whether the limit is met, in words."""
        return "met" if self.slow < LIMIT and not self.errors else "not met"


@dataclass(frozen=True)
class Request:
    """One kind of request to the project with very many builds, and its time in milliseconds."""

    title: str
    milliseconds: float
    is_page: bool = False

    @property
    def status(self) -> str:
        """Whether the limit for pages is met, in words; empty for a request that has no limit."""
        if not self.is_page:
            return ""
        return f"{PAGE_LIMIT} ms: {'met' if self.milliseconds < PAGE_LIMIT else 'not met'}"


@dataclass(frozen=True)
class Decision:
    """How long it takes to choose the next step while so many builds wait; times are in milliseconds."""

    builds: int
    projects: int
    source: float
    chroot: float

    @property
    def status(self) -> str:
        """Whether the limit is met, in words."""
        return "met" if max(self.source, self.chroot) < DECISION_LIMIT else "not met"


def crowd(seconds: float) -> list[Polls]:
    """Let 200 clients poll once a second: while no build runs, and while eight builds run."""
    with LocalCopr(chroots=CHROOTS[:1], builders=BUSY) as copr, tempfile.TemporaryDirectory() as folder:
        builds = Client(copr.config).build_proxy
        Client(copr.config).project_proxy.add("local", "busy", CHROOTS[:1])
        spec = Path(folder) / "busy.spec"
        spec.write_text(BUSY_SPEC)
        made = [builds.create_from_file("local", "busy", str(spec)) for _ in range(BUSY)]
        for build in made:
            while (
                requests.get(f"{copr.url}/api_3/build-chroot/list/{build.id}", timeout=60).json()["items"]
                == []
            ):
                time.sleep(0.1)
        busy = Polls(builds=BUSY, **polls(copr, seconds))
        for build in made:
            builds.cancel(build.id)
        while any(builds.get(build.id).state != "canceled" for build in made):
            time.sleep(0.1)
        return [Polls(builds=0, **polls(copr, seconds)), busy]


def polls(copr: LocalCopr, seconds: float) -> dict[str, Any]:
    """Run the clients, and return the fields of `Polls` that they measure."""
    arguments = map(str, (copr.url, BUSY, CLIENTS, 1, seconds))
    program = Path(__file__).with_name("polls.py")
    done = subprocess.run(  # noqa: S603 - a program of this folder
        [sys.executable, "-P", program, *arguments], check=True, capture_output=True, text=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def many_builds(count: int) -> Iterator[Request]:
    """Measure requests to a project with very many builds."""
    with LocalCopr(builds="scripted", chroots=CHROOTS) as copr:
        client = Client(copr.config)
        client.project_proxy.add("local", "large", CHROOTS)
        client.build_proxy.create_from_url("local", "large", "https://example.com/first-1-1.src.rpm")
        fill(copr, count)
        project = "ownername=local&projectname=large"
        for title, path in (
            ("one build", "/api_3/build/1000"),
            ("the newest 100 builds", f"/api_3/build/list?{project}&limit=100"),
            ("the oldest 100 builds", f"/api_3/build/list?{project}&limit=100&offset={count - 100}"),
            ("all builds of one package", f"/api_3/build/list?{project}&packagename=package7"),
            (
                "failed builds (there are none)",
                f"/api_3/build/list?{project}&status=failed&limit=100",
            ),
            ("all builds in one response", f"/api_3/build/list?{project}"),
            ("the monitor", f"/api_3/monitor?{project}"),
            (
                "all packages with their newest builds",
                f"/api_3/package/list?{project}&with_latest_build=True&with_latest_succeeded_build=True",
            ),
        ):
            yield Request(title, ask(f"{copr.url}{path}"))
        for title, path in (
            ("home page", "/"),
            ("page of the project", "/coprs/local/large/"),
            ("page of the monitor", "/coprs/local/large/monitor/"),
            ("page of the monitor, only what failed", "/coprs/local/large/monitor/?state=failed"),
            ("page of the newest 100 builds", "/coprs/local/large/builds/"),
            ("page of the oldest 100 builds", f"/coprs/local/large/builds/?offset={count - 100}"),
            ("page of the first 100 packages", "/coprs/local/large/packages/"),
            ("page of a package", "/coprs/local/large/package/package7/"),
            ("page of a build", "/coprs/build/1000/"),
            ("search", "/search/?q=package7"),
        ):
            yield Request(title, ask(f"{copr.url}{path}", 15), is_page=True)
        began = time.perf_counter()
        made = client.build_proxy.create_from_url("local", "large", "https://example.com/last-1-1.src.rpm")
        yield Request("submit a build", 1000 * (time.perf_counter() - began))
        while client.build_proxy.get(made.id).state != "succeeded":
            time.sleep(0.01)


def fill(copr: LocalCopr, count: int) -> None:
    """Write packages and builds that succeeded into the first project."""
    now = int(time.time())
    build: dict[str, Any] = {
        "project_id": 1,
        "dir_id": 1,
        "user_id": 1,
        "state": "succeeded",
        "submitted_on": now,
        "ended_on": now,
        "source_type": "link",
        "source": {"url": "https://example.com/package-1-1.src.rpm"},
        "source_state": "succeeded",
        "source_started_on": now,
        "srpm": "package-1-1.src.rpm",
        "version": "1-1",
        "timeout": 18_000,
    }
    chroot = {"state": "succeeded", "started_on": now, "ended_on": now, "packages": []}
    chroot |= {"project_id": 1, "is_background": False}
    with copr.database.writing() as tx:
        packages = [
            {"id": 1000 + number, "project_id": 1, "name": f"package{number}"} for number in range(PACKAGES)
        ]
        tx.session.execute(insert(Package), packages)
        numbers = range(1000, 1000 + count)
        tx.session.execute(
            insert(Build), [{**build, "id": id_, "package_id": 1000 + id_ % PACKAGES} for id_ in numbers]
        )
        tx.session.execute(
            insert(BuildChroot),
            [{**chroot, "build_id": id_, "name": name} for id_ in numbers for name in CHROOTS],
        )


def decisions() -> Iterator[Decision]:
    """Measure how long it takes to choose the next step: a source step, and one of a chroot."""
    for builds, projects in WAITING:
        times = [decide(builds, projects, state) for state in ("pending", "succeeded")]
        yield Decision(builds, projects, *times)


def decide(builds: int, projects: int, source_state: str) -> float:
    """Return the median time of a decision, in milliseconds."""
    build = {"user_id": 1, "submitted_on": 1, "source_type": "link", "source": {}, "timeout": 1}
    build |= {"state": "pending", "source_state": source_state}
    with LocalCopr(builds="scripted", chroots=CHROOTS, builders=0) as copr:
        with copr.database.writing() as tx:
            owner = users.get(tx, "local")
            made = [projects_.add(tx, owner, "local", f"p{n}", CHROOTS, {}) for n in range(projects)]
            homes = [{"project_id": each.id, "dir_id": each.main_dir.id} for each in made]
            rows = [{"id": 1 + n, **build, **homes[n % projects]} for n in range(builds)]
            tx.session.execute(insert(Build), rows)
            if source_state == "succeeded":
                chroot = {"state": "pending", "is_background": False}
                chroots = [
                    {"build_id": row["id"], "project_id": row["project_id"], "name": name, **chroot}
                    for row in rows
                    for name in CHROOTS
                ]
                tx.session.execute(insert(BuildChroot), chroots)
            turns.restore(tx)
        took = []
        for _ in range(50):
            with copr.database.reading() as tx:
                began = time.perf_counter()
                queue_order.next_step(tx)
                took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def ask(url: str, samples: int = 5) -> float:
    """Return the median time of a request, in milliseconds."""
    took = []
    with requests.Session() as session:
        for _ in range(samples):
            began = time.perf_counter()
            session.get(url, timeout=120).raise_for_status()
            took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def page(crowds: list[Polls], found: list[Request], decided: list[Decision], count: int) -> str:
    """Return the page of the documentation."""
    chosen = "\n".join(
        f"| {each.builds:,} | {each.projects:,} | {each.source:.2f} ms | {each.chroot:.2f} ms "
        f"| {DECISION_LIMIT} ms: {each.status} |"
        for each in decided
    )
    polled = "\n".join(
        f"| {each.builds or 'none'} | {each.polls} | {each.errors} | {each.median:,.0f} ms "
        f"| {each.slow:,.0f} ms | {each.slowest:,.0f} ms | {LIMIT} ms: {each.status} |"
        for each in crowds
    )
    asked = "\n".join(f"| {each.title} | {each.milliseconds:,.0f} ms | {each.status} |" for each in found)
    return f"""# Load

How fast the local Copr responds under load. `python -m benchmarks.load` measured this on a machine with
{os.cpu_count()} cores. The service, the builds and the clients share them.

## {CLIENTS} clients poll

{CLIENTS} clients poll a build once per second. The builds that run meanwhile are real and use all the
processor time that they get. The limit is for 90 % of the polls, without any error.

| running builds | polls | errors | median | 90 % are faster than | slowest | limit |
| --- | ---: | ---: | ---: | ---: | ---: | --- |
{polled}

## A project with {count:,} builds

The limit is for pages.

| request | time | limit |
| --- | ---: | --- |
{asked}

## Very many builds that wait

How long the service takes to choose which step comes next. It does so after each step.

| waiting builds | projects | a source step | a step of a chroot | limit |
| ---: | ---: | ---: | ---: | --- |
{chosen}

## Repeat it

    .venv/bin/python -m benchmarks.load --output docs/local-copr-load.md
"""


def main() -> None:
    """Measure and print. Write the page if asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.load", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--builds", type=int, default=20_000, help="how many builds the large project has")
    parser.add_argument("--seconds", type=float, default=15, help="how long the clients poll, twice")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the page into this file")
    options = parser.parse_args()
    crowds = crowd(options.seconds)
    for each in crowds:
        print(each, each.status, flush=True)
    found = []
    for request in many_builds(options.builds):
        print(f"{request.milliseconds:10.1f} ms  {request.title}", flush=True)
        found.append(request)
    decided = list(decisions())
    for each in decided:
        print(each, each.status, flush=True)
    if options.output is not None:
        update_page(ROOT / options.output, page(crowds, found, decided, options.builds))


if __name__ == "__main__":
    main()
