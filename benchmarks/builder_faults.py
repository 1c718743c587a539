"""Faults of builders elsewhere, of their network and of the message broker: does each build end exactly once?

    python -m benchmarks.builder_faults [--broker rabbitmq redis none] [--times 20] [--only kill cut]
    python -m benchmarks.builder_faults --output docs/local-copr-team.md

Rules: the service is this process, each builder is a process of its own with two slots, the broker is a real
one. Builds are scripted: they take a second and write a log of 50 kB; their source RPM has 100 kB. All
requests of builders go through a relay that cuts connections. A fault comes at a random moment (the seed is
printed) while builds run. Leases last eight seconds here instead of thirty. An end counts when its message
is stored, which is in the same transaction.
"""

from __future__ import annotations

import argparse
import errno
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from copr.v3 import Client
from copr_local import LocalCopr
from copr_local.agent.program import Program
from copr_local.builders.builder import Builder
from copr_local.builders.tasks import BuiltPackage, ChrootTask
from copr_local.data.models import Build, BuildChroot
from copr_local.rules import builders, leases
from copr_local.testing import Clock, Script
from copr_local.testing.rpm_file import RpmFile

from .cutting_relay import CuttingRelay
from .environments import ROOT
from .remote_builders import CHROOT, broker_of
from .sections import update_page

LEASE = 8.0  # seconds
BUILDS = 2  # at the same time
SIZE = 100_000  # bytes of a source RPM
FINISHED = ("succeeded", "failed", "canceled", "skipped")
YEAR = 365 * 24 * 3600.0
CHANCE = random.Random()  # noqa: S311 - it draws moments, no keys


def builder_process(url: str, token: str, folder: Path, mode: str, broker: str | None) -> None:
    """Run a builder until the process is killed."""
    if mode == "clock":
        now = time.time
        time.time = lambda: now() + CHANCE.choice((-YEAR, YEAR))  # type: ignore[assignment]
    script = Script(Clock())
    script(chroot=CHROOT, takes=1, log=os.urandom(25_000).hex())
    own = script.builder()

    def lying(task: ChrootTask) -> list[BuiltPackage]:
        packages = own.build_chroot(task)
        for file in task.directory.glob("*.rpm"):
            file.unlink()
        RpmFile("other", 0, "1.0", "1", "x86_64", "other-1.0-1.src.rpm", "/etc/other", "", 0).write(
            task.directory
        )
        return packages

    def full(task: ChrootTask) -> list[BuiltPackage]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(task.directory))

    builder: Builder = replace(own, build_chroot={"lies": lying, "full": full}.get(mode, own.build_chroot))
    program = Program(
        url,
        token,
        folder,
        arches=("x86_64",),
        slots=2,
        builder=lambda _: builder,
        broker=broker,
        interval=0.2,
    )
    program.start()
    time.sleep(3600)


class Requests(logging.Handler):
    """Counts the requests of builders: those that were refused as overtaken, and accepted ends by claim."""

    def __init__(self) -> None:
        super().__init__()
        self.refused = 0
        self.ends: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Count a request."""
        method, path, status, *_ = record.getMessage().split()
        if path.startswith("/builder/claims/") and method == "POST":
            self.refused += status == "409"
            if path.endswith("/finish") and status == "200":
                self.ends[path.removesuffix("/finish")] += 1


class Farm:
    """A service, a broker, two builders and a relay between them."""

    def __init__(self, stack: ExitStack, kind: str | None) -> None:
        self.server: Any = None
        self.url = stack.enter_context(broker_of(kind, self))
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        leases.LEASE = builders.LEASE = LEASE
        service = LocalCopr(
            self.folder / "data",
            builds="scripted",
            builders=0,
            chroots=[CHROOT],
            events=True,
            broker=self.url,
        )
        self.copr = stack.enter_context(service)
        self.client = Client(self.copr.config)
        self.client.project_proxy.add("local", "small", [CHROOT])
        self.relay = CuttingRelay(int(self.copr.address.rpartition(":")[2]))
        self.requests = Requests()
        logger = logging.getLogger("copr_local.requests")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(self.requests)
        stack.callback(logger.removeHandler, self.requests)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.tokens: dict[str, str] = {}
        with self.copr.database.writing() as tx:
            for name in ("one", "two"):
                self.tokens[name] = builders.add(tx, name, ["x86_64"])
        stack.callback(self.end)

    def start(self, name: str, mode: str = "normal") -> None:
        """Start a builder, and wait until it takes builds."""
        with self.copr.database.writing() as tx:
            builder = builders.get(tx, name)
            builder.heard_on, builder.offer = None, {}
        url, work = f"http://127.0.0.1:{self.relay.port}", str(self.folder / name)
        command = ["--builder", url, self.tokens[name], work, mode, self.url or ""]
        self.processes[name] = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "benchmarks.builder_faults", *command],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / f"{name}.log").open("ab"),
        )
        self.until(lambda: self._is_taking(name))

    def _is_taking(self, name: str) -> bool:
        with self.copr.database.reading() as tx:
            builder = builders.get(tx, name)
            return bool((builder.offer or {}).get("slots")) if self.url else builder.heard_on is not None

    def kill(self, name: str) -> None:
        """Kill a builder."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def end(self) -> None:
        """Kill all builders."""
        for name in list(self.processes):
            self.kill(name)

    def submit(self) -> list[int]:
        """Submit builds of an uploaded source RPM, and return their ids."""
        package = RpmFile("hello", 0, "1.0", "1", "src", "", "hello.spec", os.urandom(SIZE // 2).hex(), 0)
        source = str(package.write(self.folder))
        return [self.client.build_proxy.create_from_file("local", "small", source).id for _ in range(BUILDS)]

    def until(self, condition: Callable[[], Any], seconds: float = 300) -> None:
        """Wait until a condition is true."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError("it did not happen in time")
            time.sleep(0.02)

    def have_ended(self, numbers: list[int]) -> bool:
        """Return True if all of these builds have ended."""
        with self.copr.database.reading() as tx:
            return all(tx.session.get_one(Build, number).state in FINISHED for number in numbers)

    def running(self, numbers: list[int]) -> str | None:
        """Return the builder of a chroot that is being built."""
        with self.copr.database.reading() as tx:
            found = [tx.session.get(BuildChroot, (number, CHROOT)) for number in numbers]
            return next(
                (each.builder for each in found if each is not None and each.state == "running"), None
            )

    def late(self) -> int:
        """Return how many ends of claims were accepted that are not the last claim of their step."""
        with self.copr.database.reading() as tx:
            last = {}
            for build in tx.session.query(Build):
                last[f"/builder/claims/{build.id}/srpm-builds/{build.claim}"] = 1
                for chroot in build.chroots:
                    last[f"/builder/claims/{build.id}/{chroot.name}/{chroot.claim}"] = 1
        return sum(path not in last for path in self.requests.ends)


Fault = Callable[[Farm, list[int]], None]


def _running_builder(farm: Farm, builds: list[int]) -> str:
    """Wait until a chroot is built, and a random part of a second more; return its builder."""
    farm.until(lambda: farm.running(builds))
    name = farm.running(builds) or "one"
    time.sleep(CHANCE.uniform(0, 0.8))
    return name


def kill_builder(farm: Farm, builds: list[int]) -> None:
    """Kill the builder of a running build, and start it again."""
    name = _running_builder(farm, builds)
    farm.kill(name)
    farm.start(name)


def freeze_builder(farm: Farm, builds: list[int]) -> None:
    """Stop the process of a builder until others have built what it has, and let it go on then."""
    name = _running_builder(farm, builds)
    process = farm.processes[name]
    process.send_signal(signal.SIGSTOP)
    farm.until(lambda: farm.have_ended(builds))
    process.send_signal(signal.SIGCONT)
    time.sleep(1)


def restart_broker(farm: Farm, builds: list[int]) -> None:
    """Stop the broker at a random moment, and start it again."""
    time.sleep(CHANCE.uniform(0, 2))
    farm.server.stop()
    farm.server.start()


def kill_broker(farm: Farm, builds: list[int]) -> None:
    """Kill the broker at a random moment, and start it again."""
    time.sleep(CHANCE.uniform(0, 2))
    farm.server.kill()
    farm.server.start()


def _cut(text: str, most: int) -> Fault:
    def cut(farm: Farm, builds: list[int]) -> None:
        before = farm.relay.cuts
        farm.relay.arm(text, CHANCE.randrange(200, most))
        farm.until(lambda: farm.relay.cuts > before or farm.have_ended(builds))

    return cut


def cut_all(farm: Farm, builds: list[int]) -> None:
    """Cut all connections of builders to the service three times."""
    for _ in range(3):
        time.sleep(CHANCE.uniform(0, 1))
        farm.relay.cut_all()


def _other(mode: str) -> Fault:
    """Return a fault: one of the builders is another one while the builds run."""

    def other(farm: Farm, builds: list[int]) -> None:
        farm.until(lambda: farm.have_ended(builds))

    other.mode = mode  # type: ignore[attr-defined]
    return other


@dataclass(frozen=True)
class Case:
    """A fault.

    :param text: what the page calls it.
    :param fault: provokes it, after builds were submitted.
    :param mode: how one of the builders behaves.
    :param needs_broker: True if it is a fault of the broker.
    :param once: True if it is the same with all brokers.
    """

    text: str
    fault: Fault
    mode: str = "normal"
    needs_broker: bool = False
    once: bool = False


CASES = {
    "kill": Case("kill -9 of a builder", kill_builder),
    "freeze": Case("SIGSTOP of a builder past its lease, then SIGCONT", freeze_builder),
    "restart-broker": Case("restart of the broker", restart_broker, needs_broker=True),
    "kill-broker": Case("kill -9 of the broker", kill_broker, needs_broker=True),
    "cut-source": Case("connection cut in the source", _cut("/source", SIZE), once=True),
    "cut-log": Case("connection cut in the log", _cut("/log?", 40_000), once=True),
    "cut-files": Case("connection cut in a file", _cut("/files/", 2_000), once=True),
    "cut-accept": Case("connection cut in the acceptance", _cut("/accept", 1_000), once=True),
    "cut-all": Case("all connections to the service cut, three times", cut_all, once=True),
    "lies": Case("a builder sends packages of another source", _other("lies"), "lies", once=True),
    "full": Case("the disk of a builder is full", _other("full"), "full", once=True),
    "clock": Case("the clock of a builder jumps by a year", _other("clock"), "clock", once=True),
}


def measure(kind: str | None, case: Case, times: int) -> str:
    """Provoke a fault so often, and return the row of the page."""
    with ExitStack() as stack:
        farm = Farm(stack, kind)
        farm.start("one", case.mode)
        farm.start("two")
        numbers = []
        for _ in range(times):
            builds = farm.submit()
            numbers += builds
            case.fault(farm, builds)
            farm.until(lambda builds=builds: farm.have_ended(builds))  # type: ignore[misc]
        time.sleep(1)  # what comes late comes now
        ends = Counter(
            (message.body["build"], message.body["chroot"])
            for message in farm.copr.messages
            if message.topic.endswith("build.end")
        )
        with farm.copr.database.reading() as tx:
            states = Counter(tx.session.get_one(Build, number).state for number in numbers)
            sources = [
                number for number in numbers if tx.session.get_one(Build, number).source_state == "succeeded"
            ]
        expected = {(number, "srpm-builds") for number in numbers} | {(number, CHROOT) for number in sources}
        wrong = sum(ends[step] != 1 for step in expected | set(ends))
        found = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        late, refused = farm.late(), farm.requests.refused
    return f"| {case.text} | {kind or 'none'} | {times} | {found} | {wrong} | {late} | {refused} |"


def main() -> None:
    """Measure and print. Write the section into a page if asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.builder_faults", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--builder", nargs=5, help=argparse.SUPPRESS)
    parser.add_argument("--broker", nargs="*", default=["rabbitmq", "redis"], help="rabbitmq, redis or none")
    parser.add_argument("--times", type=int, default=20, help="how often each fault is provoked")
    parser.add_argument(
        "--only", nargs="*", default=list(CASES), choices=list(CASES), help="these faults only"
    )
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the section into this page")
    options = parser.parse_args()
    if options.builder:
        url, token, folder, mode, broker = options.builder
        builder_process(url, token, Path(folder), mode, broker or None)
    CHANCE.seed(options.seed)
    print(f"seed {options.seed}", flush=True)
    rows = []
    for name in options.only:
        case = CASES[name]
        for kind in options.broker[:1] if case.once else options.broker:
            if kind != "none" or not case.needs_broker:
                rows.append(measure(None if kind == "none" else kind, case, options.times))
                print(rows[-1], flush=True)
    if options.output is not None:
        update_page(ROOT / options.output, section(rows))


def section(rows: list[str]) -> str:
    """Return the section of the page."""
    table = "\n".join(rows)
    head = "| fault | broker | times | builds | steps without one end | late results accepted | refused |"
    return f"""## Faults, provoked

`python -m benchmarks.builder_faults` provoked each fault at random moments while {BUILDS} builds ran on two
builders with two slots each. Leases lasted {LEASE:g} seconds instead of 30. Each step has to end once. No
result of a claim that a newer claim has replaced may be accepted. The last column has the requests that were
refused (409): those of replaced claims, and parts of a log that came after the end of its build.

{head}
| --- | --- | ---: | --- | ---: | ---: | ---: |
{table}
"""


if __name__ == "__main__":
    main()
