"""Builders on other machines: how much faster several are than one, and what they cost.

    python -m benchmarks.remote_builders [--output docs/local-copr-load.md]
    python -m benchmarks.remote_builders --broker rabbitmq --broker redis --counts 4 16

With --broker, claims come by a message broker, and only the sleeping builds are measured.

Rules: the service and each builder are processes of their own, on this machine. The 40 builds only sleep for
2 seconds, so that a machine with few cores can run many of them. Their packages are made without rpmbuild,
and the service checks and publishes them as all others. The small build is that of `examples/tally`, at the
service and at a builder in turns; it runs rpmbuild in a sandbox. A cancelled build is real, too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from copr.v3 import Client
from copr_local import LocalCopr
from copr_local.agent.program import Program
from copr_local.builders.sandbox.leftovers import MARK, mark_of
from copr_local.rules import builders
from copr_local.testing import Clock, Script

from .environments import ROOT
from .sections import update_page

CHROOT = "fedora-45-x86_64"
BUILDS, SECONDS = 40, 2
ROUNDS = 7
CANCELS = 5
GOALS = {4: 3.7, 16: 13.0}
SPEC = """\
Name: small
Version: 1
Release: 1
Summary: A small build
License: MIT
BuildArch: noarch
%description
%{summary}.
%build
sleep 600 & sleep 600
%files
"""


def scripted_builder(url: str, token: str, folder: Path, broker: str | None) -> None:
    """Run a builder with builds that sleep, until the process is killed."""
    script = Script(Clock())
    script(chroot=CHROOT, takes=SECONDS)
    program = Program(
        url, token, folder, arches=("x86_64",), builder=lambda _settings: script.builder(), broker=broker
    )
    program.start()
    time.sleep(3600)


@contextmanager
def broker_of(kind: str | None, user: Any = None) -> Iterator[str | None]:
    """Run a message broker, and return its URL; None without one. It becomes `server` of its user."""
    sys.path.append(str(ROOT / "tests/support"))
    from rabbitmq_server import RabbitMQServer
    from redis_server import RedisServer

    if kind is None:
        yield None
        return
    with {"rabbitmq": RabbitMQServer, "redis": RedisServer}[kind]() as server:
        if user is not None:
            user.server = server
        yield server.url


@contextmanager
def processes(
    copr: LocalCopr, count: int, folder: Path, *, real: bool = False, broker: str | None = None
) -> Iterator[None]:
    """Run so many builders with one slot each."""
    with ExitStack() as stack:
        for number in range(count):
            with copr.database.writing() as tx:
                token = builders.add(tx, f"builder-{count}-{number}", ["x86_64"])
            (folder / f"token-{number}").write_text(token)
            work = folder / f"work-{number}"
            command = ["benchmarks.remote_builders", "--builder", copr.url, token, str(work)]
            command += ["--broker", broker] if broker else []
            if real:
                command = ["copr_local", "builder", "--service", copr.url, "--slots", "1"]
                command += ["--token-file", str(folder / f"token-{number}"), "--work", str(work)]
            process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", *command],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
        with copr.database.reading() as tx:
            names = [builder.name for builder in builders.in_list(tx)]
        while _silent(copr, names, has_broker=broker is not None):
            time.sleep(0.05)
        yield
    with copr.database.writing() as tx:
        for number in range(count):
            builders.remove(tx, f"builder-{count}-{number}")


def _silent(copr: LocalCopr, names: list[str], *, has_broker: bool) -> bool:
    """Return True if a builder has not asked for work yet, or is not connected to the broker."""
    with copr.database.reading() as tx:
        found = [builders.get(tx, name) for name in names]
    if has_broker:
        return any(not (builder.offer or {}).get("slots") for builder in found)
    return any(builder.heard_on is None for builder in found)


def wait_for(client: Client, build: int, *states: str) -> None:
    """Poll until a build has one of these states."""
    while (state := client.build_proxy.get(build).state) not in states:
        if state in ("failed", "skipped"):
            raise RuntimeError(f"build {build} is {state}")
        time.sleep(0.02)


@contextmanager
def service(
    *, builds: str, own: int = 0, broker: str | None = None
) -> Iterator[tuple[LocalCopr, Client, Path]]:
    """Run a service with a project, with so many builders of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        with LocalCopr(folder / "data", builds=builds, builders=own, chroots=[CHROOT], broker=broker) as copr:
            client = Client(copr.config)
            client.project_proxy.add("local", "small", [CHROOT])
            yield copr, client, folder


def sleeping(count: int, kind: str | None = None) -> float:
    """Return the seconds that the sleeping builds take with so many builders."""
    with ExitStack() as stack:
        broker = stack.enter_context(broker_of(kind))
        copr, client, folder = stack.enter_context(service(builds="scripted", broker=broker))
        stack.enter_context(processes(copr, count, folder, broker=broker))
        began = time.monotonic()
        for number in range(BUILDS):
            client.build_proxy.create_from_url("local", "small", f"https://example.com/p{number}-1-1.src.rpm")
        for number in range(BUILDS):
            wait_for(client, number + 1, "succeeded")
        return time.monotonic() - began


def small() -> tuple[list[float], list[float]]:
    """Return the seconds of a small real build at the service and at a builder, in turns."""
    with service(builds="real", own=1) as (_, here, own), service(builds="real") as (copr, there, folder):
        made = subprocess.run(  # noqa: S603 - our own program
            [ROOT / "examples/make_srpm.sh", own / "source"], check=True, capture_output=True, text=True
        )
        source = made.stdout.strip()
        found: tuple[list[float], list[float]] = [], []
        with processes(copr, 1, folder, real=True):
            for turn in range(ROUNDS + 1):
                for client, times in zip((here, there), found, strict=True):
                    began = time.monotonic()
                    build = client.build_proxy.create_from_file("local", "small", source)
                    wait_for(client, build.id, "succeeded")
                    if turn:  # the first one is not counted: programs are read from the disk
                        times.append(time.monotonic() - began)
    return found


def cancels() -> list[float]:
    """Return the seconds from the cancel of a build until no process of it is left."""
    found = []
    with service(builds="real") as (copr, client, folder), processes(copr, 1, folder, real=True):
        (folder / "small.spec").write_text(SPEC)
        mark = os.fsencode(f"{MARK}={mark_of(folder / 'work-0')}")
        for _ in range(CANCELS):
            build = client.build_proxy.create_from_file("local", "small", str(folder / "small.spec")).id
            logs = copr.data / f"results/local/small/{CHROOT}"
            while not any(
                "sleep 600" in log.read_text() for log in logs.glob(f"{build:08d}-*/builder-live.log")
            ):
                time.sleep(0.02)
            began = time.monotonic()
            client.build_proxy.cancel(build)
            while _marked(mark):
                time.sleep(0.005)
            found.append(time.monotonic() - began)
    return found


def _marked(mark: bytes) -> bool:
    """Return True if a process has this variable."""
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark in path.read_bytes():
                return True
        except OSError:
            pass
    return False


def rows(counts: tuple[int, ...], kind: str | None = None) -> list[str]:
    """Return the rows for one builder and for several."""
    alone = sleeping(1, kind)
    lines = [f"| 1 | {alone:.1f} s | | |"]
    for count in counts:
        seconds = sleeping(count, kind)
        goal = GOALS[count]
        is_met = "met" if alone / seconds >= goal else "not met"
        lines.append(f"| {count} | {seconds:.1f} s | {alone / seconds:.2f} | {goal:g}: {is_met} |")
        print(lines[-1], flush=True)
    return lines


def page(counts: tuple[int, ...]) -> str:
    """Measure, and return the section of the page."""
    lines = rows(counts)
    here, there = (statistics.median(times) for times in small())
    ended = cancels()
    table = "\n".join(lines)
    limits = [
        f"| a small real build (`examples/tally`) at a builder, {there:.2f} s, and here, {here:.2f} s "
        f"| {there / here:.2f} | at most 1.3: {'met' if there / here <= 1.3 else 'not met'} |",
        f"| from a cancel until no process of the build is left, the slowest of {CANCELS} "
        f"| {max(ended):.2f} s | at most 2 s: {'met' if max(ended) <= 2 else 'not met'} |",
    ]
    return f"""## Builders on other machines

{BUILDS} builds that sleep for {SECONDS} s, with builders of one slot each. The service and the builders are
processes on one machine with {os.cpu_count()} cores. `python -m benchmarks.remote_builders` measured this.

| builders | {BUILDS} builds | times as fast as one builder | goal |
| ---: | ---: | ---: | --- |
{table}

| what | measured | goal |
| --- | ---: | --- |
{chr(10).join(limits)}
"""


def main() -> None:
    """Measure and print. Write the section into a page if asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.remote_builders", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--builder", nargs=3, help=argparse.SUPPRESS)
    parser.add_argument("--counts", type=int, nargs="*", default=[4], help="numbers of builders, beside one")
    parser.add_argument(
        "--broker", action="append", metavar="KIND", help="rabbitmq or redis: measure with it"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the section into this page")
    options = parser.parse_args()
    if options.builder:
        url, token, folder = options.builder
        scripted_builder(url, token, Path(folder), options.broker[0] if options.broker else None)
    if options.broker:
        for kind in options.broker:
            print(kind, *rows(tuple(options.counts), kind), sep="\n")
        return
    text = page(tuple(options.counts))
    print(text)
    if options.output is not None:
        update_page(ROOT / options.output, text)


if __name__ == "__main__":
    main()
