"""What the local Copr bears: a crowd that polls while builds run, and a project with very many builds.

    python -m benchmarks.load [--builds N] [--seconds N] [--output docs/local-copr-load.md]

Rules: the service is the real one, and so are the eight builds of the crowd: rpmbuild in sandboxes, busy all
the time. The many builds are rows written straight into the database, two chroots each, and 500 packages.
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
from copr_local.models import Build, BuildChroot, Package

from .environments import ROOT

CHROOTS = ["fedora-45-x86_64", "epel-10-x86_64"]
BUSY = 8
CLIENTS = 200
LIMIT = 250  # milliseconds for the slowest tenth of the polls
PACKAGES = 500
BUSY_SPEC = """\
Name: busy
Version: 1
Release: 1
Summary: A build that is at work until it is cancelled
License: MIT
BuildArch: noarch
%description
%{summary}.
%build
while :; do :; done
%files
"""


@dataclass(frozen=True)
class Line:
    """One measurement: what was asked, in milliseconds how long it took, and what it was held to."""

    title: str
    milliseconds: float
    note: str = ""


def crowd(seconds: float) -> Iterator[Line]:
    """200 clients that poll once a second, without builds and while eight builds run."""
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
        busy = polls(copr, seconds)
        for build in made:
            builds.cancel(build.id)
        while any(builds.get(build.id).state != "canceled" for build in made):
            time.sleep(0.1)
        idle = polls(copr, seconds)
    for title, told in (("no build runs", idle), (f"{BUSY} builds run", busy)):
        note = f"{told['polls']:.0f} polls, {told['errors']:.0f} errors, the slowest {told['slowest']:.0f} ms"
        yield Line(f"{CLIENTS} clients poll, one a second each, {title}: median", told["median"], note)
        verdict = "met" if told["slow"] < LIMIT and not told["errors"] else "not met"
        yield Line("the same: nine of ten are quicker than", told["slow"], f"limit {LIMIT} ms: {verdict}")


def polls(copr: LocalCopr, seconds: float) -> dict[str, float]:
    """What the crowd meets."""
    arguments = map(str, (copr.url, BUSY, CLIENTS, 1, seconds))
    program = Path(__file__).with_name("polls.py")
    done = subprocess.run(  # noqa: S603 - a program of this folder
        [sys.executable, "-P", program, *arguments], check=True, capture_output=True, text=True
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


def many_builds(count: int) -> Iterator[Line]:
    """A project with very many builds: listed, looked into, added to."""
    with LocalCopr(builds="scripted", chroots=CHROOTS) as copr:
        client = Client(copr.config)
        client.project_proxy.add("local", "large", CHROOTS)
        client.build_proxy.create_from_url("local", "large", "https://example.com/first-1-1.src.rpm")
        fill(copr, count)
        project = "ownername=local&projectname=large"
        for title, path in (
            ("one build", "/api_3/build/1000"),
            ("newest 100", f"/api_3/build/list?{project}&limit=100"),
            ("oldest 100", f"/api_3/build/list?{project}&limit=100&offset={count - 100}"),
            ("builds of a package", f"/api_3/build/list?{project}&packagename=package7"),
            (
                "failed builds, of which there are none",
                f"/api_3/build/list?{project}&status=failed&limit=100",
            ),
            ("all builds in one answer", f"/api_3/build/list?{project}"),
            ("monitor", f"/api_3/monitor?{project}"),
            (
                "packages with their newest builds",
                f"/api_3/package/list?{project}&with_latest_build=True&with_latest_succeeded_build=True",
            ),
            ("the home page", "/"),
            ("the project's page", "/coprs/local/large/"),
        ):
            yield Line(f"{count:,} builds: {title}", ask(f"{copr.url}{path}"))
        began = time.perf_counter()
        made = client.build_proxy.create_from_url("local", "large", "https://example.com/last-1-1.src.rpm")
        yield Line(f"{count:,} builds: submit one more", 1000 * (time.perf_counter() - began))
        while client.build_proxy.get(made.id).state != "succeeded":
            time.sleep(0.01)


def fill(copr: LocalCopr, count: int) -> None:
    """Write builds that succeeded, and their packages, into the first project."""
    now = int(time.time())
    build: dict[str, Any] = {
        "project_id": 1,
        "dir_id": 1,
        "user_id": 1,
        "state": "succeeded",
        "submitted_on": now,
        "source_type": "link",
        "source": {"url": "https://example.com/package-1-1.src.rpm"},
        "source_state": "succeeded",
        "source_started_on": now,
        "srpm": "package-1-1.src.rpm",
        "version": "1-1",
        "timeout": 18_000,
    }
    chroot = {"state": "succeeded", "started_on": now, "ended_on": now, "packages": []}
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


def ask(url: str, samples: int = 5) -> float:
    """The median of what an answer takes, in milliseconds."""
    took = []
    with requests.Session() as session:
        for _ in range(samples):
            began = time.perf_counter()
            session.get(url, timeout=120).raise_for_status()
            took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


def page(lines: list[Line]) -> str:
    """The page of the documentation."""
    rows = "\n".join(f"| {line.title} | {line.milliseconds:,.0f} ms | {line.note} |" for line in lines)
    return f"""# What the local Copr bears

Measured by `python -m benchmarks.load` on {os.cpu_count()} cores, which service, builds and clients share.
The builds that run are real and use all the processor time that they get.

| | | |
| --- | ---: | --- |
{rows}
"""


def main() -> None:
    """Measure, print, and write the page where asked."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.load", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--builds", type=int, default=20_000, help="how many builds the large project has")
    parser.add_argument("--seconds", type=float, default=15, help="how long the crowd polls, twice")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the page there")
    options = parser.parse_args()
    lines = []
    for measured in (crowd(options.seconds), many_builds(options.builds)):
        for line in measured:
            print(f"{line.milliseconds:10.1f} ms  {line.title}  {line.note}", flush=True)
            lines.append(line)
    if options.output is not None:
        (ROOT / options.output).write_text(page(lines))


if __name__ == "__main__":
    main()
