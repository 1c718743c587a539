"""How many builds that do nothing one service carries out in a second, with SQLite and with PostgreSQL.

    python -m benchmarks.throughput [--before CHECKOUT] [--output docs/local-copr-load.md]

Rules: the builds are submitted before the service with the builders starts, so only the work of the service
is measured. Their packages are made without rpmbuild, and published as all others. Each run is a process of
its own; the kinds take turns. `--before` names a checkout of an older version, which takes turns too. The
ratios are medians of the ratios of the rounds, so they hardly depend on other work of the machine.
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
from contextlib import closing
from pathlib import Path

from .environments import ROOT
from .sections import update_page

CHROOT = "fedora-44-x86_64"
BUILDS = 150
ROUNDS = 5
FINISHED = "SELECT count(*) FROM build_chroot WHERE state = 'succeeded'"
TIMEOUT = 900  # seconds


def carry_out(folder: Path, url: str | None) -> dict[str, float]:
    """Build, and return the builds in a second, and the milliseconds of processor time for each."""
    # Only what the first version had is used here: the checkout may be an old one.
    from copr.v3 import Client
    from copr_local import LocalCopr

    options = {} if url is None else {"database": url}
    with LocalCopr(folder, builders=0, builds="scripted", **options) as copr:
        client = Client(copr.config)
        client.project_proxy.add("local", "small", [CHROOT])
        for number in range(BUILDS):
            client.build_proxy.create_from_url("local", "small", f"https://example.com/p{number}-1-1.src.rpm")
    with LocalCopr(folder, builders=2, builds="scripted", **options) as copr:
        began, used = time.perf_counter(), time.process_time()
        while _finished(folder, url) < BUILDS:
            time.sleep(0.05)
        seconds, used = time.perf_counter() - began, time.process_time() - used
    return {"each second": BUILDS / seconds, "processor": used / BUILDS * 1000}


def _finished(folder: Path, url: str | None) -> int:
    """Return how many builds have succeeded; the connection is not one of the service."""
    if url is None:
        import sqlite3

        with closing(sqlite3.connect(folder / "copr.db")) as connection:
            return int(connection.execute(FINISHED).fetchone()[0])
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        (count,) = connection.execute(FINISHED).fetchone() or (0,)
        return int(count)


def measured(url: str | None = None, checkout: Path = ROOT) -> dict[str, float]:
    """Return what a process with the code of a checkout measures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        paths = [str(checkout / part) for part in ("client/src", "server/src")]
        command = [sys.executable, "-m", "benchmarks.throughput", "--run", str(folder / "data")]
        done = subprocess.run(  # noqa: S603 - our own program
            [*command, *([url] if url else [])],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            stdout=subprocess.PIPE,
            timeout=TIMEOUT,
            check=True,
        )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def rounds(before: Path | None) -> dict[str, list[dict[str, float]]]:
    """Measure all kinds in turns, and return what was measured by kind."""
    sys.path.append(str(ROOT / "tests/support"))
    from postgresql_server import PostgreSQLServer

    found: dict[str, list[dict[str, float]]] = {}
    with PostgreSQLServer() as server:
        for _ in range(ROUNDS):
            runs = {"SQLite": measured(), "PostgreSQL": measured(server.new_database())}
            if before is not None:
                runs["SQLite, before"] = measured(checkout=before)
            for kind, result in runs.items():
                found.setdefault(kind, []).append(result)
                print(kind, *(f"{value:.1f} {name}" for name, value in result.items()), flush=True)
    return found


def page(found: dict[str, list[dict[str, float]]]) -> str:
    """Return the section of the page."""
    lines = []
    goals = {"PostgreSQL": ("SQLite", 0.8), "SQLite": ("SQLite, before", 2.0)}
    for kind, runs in found.items():
        other, least = goals.get(kind, ("", 0.0))
        beside = [
            [mine[name] / theirs[name] for mine, theirs in zip(runs, found.get(other, []), strict=False)]
            for name in ("each second", "processor")
        ]
        speed, work = (f"{statistics.median(ratios):.2f}x" if ratios else "" for ratios in beside)
        met = "" if not speed else f"{least:g}x: {'met' if float(speed[:-1]) >= least else 'not met'}"
        each, used = (statistics.median(run[name] for run in runs) for name in ("each second", "processor"))
        lines.append(f"| {kind} | {each:.1f} | {used:.0f} ms | {speed} | {work} | {met} |")
    table = "\n".join(lines)
    return f"""## Builds that do nothing

How many builds one service with two builders carries out in a second if the builds themselves take no
time: {BUILDS} builds of one project, {ROUNDS} rounds, on {os.cpu_count()} cores. SQLite is beside an older
version of the service, PostgreSQL beside SQLite. `python -m benchmarks.throughput` measured this.

| database | builds each second | processor time for each | builds beside | processor time beside | goal |
| --- | ---: | ---: | ---: | ---: | --- |
{table}
"""


def main() -> None:
    """Measure and print. Write the section into a page if asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.throughput", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--run", nargs="+", help=argparse.SUPPRESS)
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", help="an older version to compare with")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the section into this page")
    options = parser.parse_args()
    if options.run:
        folder, *urls = options.run
        print(json.dumps(carry_out(Path(folder), urls[0] if urls else None)))
        return
    text = page(rounds(options.before))
    print(text)
    if options.output is not None:
        update_page(ROOT / options.output, text)


if __name__ == "__main__":
    main()
