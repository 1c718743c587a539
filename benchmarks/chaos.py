"""Chaos: a local Copr is killed, stopped and put on a full disk, and its clock jumps, while clients use it.

    python -m benchmarks.chaos [--seconds 600] [--seed N]

Rules: the service is a process of its own with scripted builds, on a small disk in memory. Clients submit
builds, delete some, and go on after errors. Every few seconds one of `FAULTS` happens. At the end, the
service starts once more and finishes its builds. Then all of this must be true, or the exit status is 1:

- Every build whose submission was answered exists, unless its deletion was answered.
- No submission is there twice, also not one whose response was lost.
- Every build has finished, and the files, the database and the metadata of each repository agree.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from copr_local import LocalCopr

from .environments import ROOT

CHROOT = "fedora-45-x86_64"
DISK = 400 * 1024**2  # bytes
CLIENTS = 4
HOUR = 3600
PAUSE = 0.5  # seconds between two submissions of a client
PATIENCE = 60  # seconds without progress, until what is wrong counts as wrong
NOTICED = (requests.RequestException, KeyError, ValueError)


def serve(data: Path, port: int) -> None:
    """Run the service until it is told to end. With SIGUSR1 and SIGUSR2, its clock jumps by an hour."""
    with LocalCopr(data, port=port, builds="scripted", chroots=[CHROOT], builders=2) as copr:
        signal.signal(signal.SIGUSR1, lambda *_: copr.clock.advance(seconds=HOUR))
        signal.signal(signal.SIGUSR2, lambda *_: copr.clock.set(time.time() - HOUR))
        print(copr.url, flush=True)
        sys.stdin.read()


@dataclass
class Known:
    """What clients have been told: names of packages by build id, names without an answer, deleted ids."""

    submitted: dict[int, str] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)
    maybe_deleted: set[int] = field(default_factory=set)
    errors: Counter[str] = field(default_factory=Counter)


class Service:
    """The service in a process of its own, which can be killed and started again."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.url = ""
        self._start(0)

    def _start(self, port: int) -> None:
        command = [sys.executable, "-m", "benchmarks.chaos", "--serve", str(self.data), "--port", str(port)]
        self.process = subprocess.Popen(  # noqa: S603 - this program
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # it complains about the full disk
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip() or self.url

    def restart(self) -> None:
        """Kill the service if it runs, and start it again at the same port."""
        self.process.kill()
        self.process.communicate()
        while True:
            self._start(int(self.url.rpartition(":")[2]))
            if self.process.poll() is None:
                return
            time.sleep(0.1)  # the disk may be full

    def send(self, number: int) -> None:
        """Send a signal to the service."""
        self.process.send_signal(number)


def kill(service: Service, chance: random.Random) -> None:
    """Kill the service with SIGKILL and start it again."""
    time.sleep(chance.random())
    service.restart()


def stop(service: Service, chance: random.Random) -> None:
    """Stop the service for some seconds, as a machine that sleeps."""
    service.send(signal.SIGSTOP)
    time.sleep(3 * chance.random())
    service.send(signal.SIGCONT)


def fill_disk(service: Service, chance: random.Random) -> None:
    """Leave no byte on the disk for some seconds; sometimes the service is killed meanwhile."""
    filler = service.data.with_name("filler")
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    time.sleep(2 * chance.random())
    is_killed = chance.random() < 0.3
    if is_killed:
        service.process.kill()
    filler.unlink()
    if is_killed:
        service.restart()


def jump(service: Service, chance: random.Random) -> None:
    """Set the clock of the service forward or back by an hour."""
    service.send(chance.choice((signal.SIGUSR1, signal.SIGUSR2)))


FAULTS = (kill, stop, fill_disk, jump)


def client(service: Service, known: Known, number: int, over: threading.Event) -> None:
    """Submit builds, and delete every tenth, until the end."""
    chance = random.Random(number)  # noqa: S311 - seeded, so that a run can be repeated
    login, token = _credentials(service.data)
    session = requests.Session()
    session.auth = (login, token)
    count = 0
    while not over.wait(PAUSE):
        count += 1
        name = f"p{number}-{count}"
        fields = {"ownername": "local", "projectname": "chaos", "pkgs": [f"http://a/{name}-1-1.src.rpm"]}
        try:
            answer = session.post(f"{service.url}/api_3/build/create/url", json=fields, timeout=15)
            known.errors[str(answer.status_code)] += answer.status_code != 200
            if answer.status_code == 200:
                known.submitted[answer.json()["items"][0]["id"]] = name
        except NOTICED:
            known.unknown.add(name)
        if count % 10 == 0 and known.submitted:
            build_id = chance.choice(list(known.submitted))
            known.maybe_deleted.add(build_id)
            with contextlib.suppress(*NOTICED):
                url = f"{service.url}/api_3/build/delete/{build_id}"
                if session.delete(url, timeout=15).status_code == 200:
                    known.deleted.add(build_id)


def _credentials(data: Path) -> tuple[str, str]:
    found = dict(re.findall(r"(\w+) = (.*)", (data / "client.conf").read_text()))
    return found["login"], found["token"]


def faults_found(service: Service, known: Known) -> Iterator[str]:
    """Yield what is not as it must be, after all builds have finished."""
    with contextlib.closing(sqlite3.connect(service.data / "copr.db")) as connection:
        builds = dict(connection.execute("SELECT id, json_extract(source, '$.url') FROM build"))
        query = "SELECT b.id, p.name FROM build b JOIN package p ON p.id = b.package_id WHERE state = ?"
        good = {f"{build_id:08d}-{name}" for build_id, name in connection.execute(query, ("succeeded",))}
        failed = {f"{build_id:08d}-{name}" for build_id, name in connection.execute(query, ("failed",))}
        unfinished = connection.execute(
            "SELECT count(*) FROM build WHERE state NOT IN ('succeeded', 'failed')"
        ).fetchone()[0]
    if unfinished:
        yield f"{unfinished} builds have not finished"
    for build_id, name in known.submitted.items():
        if build_id not in builds and build_id not in known.maybe_deleted:
            yield f"build {build_id} ({name}) is lost"
    yield from (f"build {build_id} was deleted, and exists" for build_id in known.deleted & builds.keys())
    yield from (f"{url} was submitted twice" for url, many in Counter(builds.values()).items() if many > 1)
    repository = service.data / "results" / "local" / "chaos" / CHROOT
    folders = {each.name for each in repository.iterdir() if re.match(r"\d{8}-", each.name)}
    yield from (f"the files of {name} are lost" for name in sorted(good - folders))
    yield from (f"the files of {name} belong to no build" for name in sorted(folders - good - failed))
    [primary] = re.findall(
        r'href="(repodata/[^"]*primary.xml.gz)"', (repository / "repodata/repomd.xml").read_text()
    )
    text = gzip.decompress((repository / primary).read_bytes()).decode()
    listed = {place.partition("/")[0] for place in re.findall(r'<location href="([^"]*)"', text)}
    yield from (f"{name} is not in the metadata" for name in sorted(good - listed))
    yield from (f"{name} is in the metadata only" for name in sorted(listed - good))


def run(folder: Path, seconds: float, seed: int) -> int:
    """Let the clients and the faults run, and return the exit status."""
    chance = random.Random(seed)  # noqa: S311 - seeded, so that a run can be repeated
    service, known, over = Service(folder / "data"), Known(), threading.Event()
    auth = _credentials(service.data)
    project: dict[str, Any] = {"name": "chaos", "chroots": [CHROOT]}
    requests.post(
        f"{service.url}/api_3/project/add/local", json=project, auth=auth, timeout=60
    ).raise_for_status()
    threads = [
        threading.Thread(target=client, args=(service, known, number, over)) for number in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    happened: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(1 + 5 * chance.random())
        fault = chance.choice(FAULTS)
        fault(service, chance)
        happened[fault.__name__] += 1
    over.set()
    for thread in threads:
        thread.join()
    service.restart()
    wrong = wait(service, known)
    service.process.kill()
    service.process.communicate()
    print(
        f"{seconds:g} s, seed {seed}: " + ", ".join(f"{many} times {name}" for name, many in happened.items())
    )
    print(
        f"{len(known.submitted)} submissions were answered, {len(known.unknown)} were not, "
        f"{len(known.deleted)} deletions were answered; other answers: {dict(+known.errors)}"
    )
    print("\n".join(wrong) or "nothing is lost, nothing is there twice; files, database and metadata agree")
    return bool(wrong)


def wait(service: Service, known: Known) -> list[str]:
    """Return what is wrong; wait as long as the service goes on to finish builds and to repair files."""
    before: list[str] = []
    end = time.monotonic() + PATIENCE
    while (wrong := list(faults_found(service, known))) and time.monotonic() < end:
        if wrong != before:
            before, end = wrong, time.monotonic() + PATIENCE
        time.sleep(1)
    return wrong


def main() -> None:
    """Run on a disk of its own: again, in a sandbox with a small file system in memory."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.chaos", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--seconds", type=float, default=600, help="how long the faults happen")
    parser.add_argument("--seed", type=int, default=1, help="of the random generator that chooses faults")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        serve(options.serve, options.port)
    elif options.folder is not None:
        sys.exit(run(options.folder, options.seconds, options.seed))
    else:
        with tempfile.TemporaryDirectory() as folder:
            again = [sys.executable, "-m", "benchmarks.chaos", *sys.argv[1:], "--folder", folder]
            place = [
                "bwrap",
                "--bind",
                "/",
                "/",
                "--dev-bind",
                "/dev",
                "/dev",
                "--size",
                str(DISK),
                "--tmpfs",
                folder,
            ]
            done = subprocess.run([*place, *again], cwd=ROOT, check=False)  # noqa: S603 - this program
            sys.exit(done.returncode)


if __name__ == "__main__":
    main()
