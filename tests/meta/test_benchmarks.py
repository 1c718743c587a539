"""What holds the measurements: every row runs with either client, and the link is as long as it says."""

from __future__ import annotations

import contextlib
import importlib
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
ROWS = 18


@pytest.fixture
def benchmarks(monkeypatch):
    """The modules of the benchmarks, by name."""
    monkeypatch.syspath_prepend(ROOT)
    return lambda name: importlib.import_module(f"benchmarks.{name}")


def test_every_row_is_measured_and_told(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--scale", "0.005", "--samples", "1", "--output", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    results, _, limits = done.stdout.partition("\n\n")
    lines = results.splitlines()[2:]
    ratios = [float(line.split("|")[4].strip().removesuffix("x")) for line in lines]
    assert len(ratios) == ROWS
    assert all(ratio > 0 for ratio in ratios)
    page = (tmp_path / "performance.md").read_text()
    assert all(line in page for line in lines + limits.splitlines())
    picture = ElementTree.parse(tmp_path / "performance.svg")
    assert len(picture.findall(".//{*}rect")) == ROWS


def test_the_command_is_a_script_that_bash_can_read():
    subprocess.run(["bash", "-n", ROOT / "benchmarks" / "run"], check=True)


def test_new_connections_and_calls_take_their_round_trips_on_the_long_link(benchmarks, tmp_path):
    round_trip = 0.05
    with benchmarks("service").Service(tmp_path, round_trip) as service:
        trust = ssl.create_default_context(cafile=service.authorities)
        port = int(service.urls["far"].rpartition(":")[2])
        began = time.perf_counter()
        with (
            socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
            trust.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
        ):
            first = _ask(connection)
            asked = time.perf_counter()
            second = _ask(connection)
            answered = time.perf_counter()
    assert first == second
    assert first.startswith(b"HTTP/1.1 200 OK")
    assert asked - began >= 3 * round_trip, "one for TCP, one for TLS, one for the call"
    assert answered - asked >= round_trip


def _ask(connection):
    connection.sendall(b"GET /api_3/build/7 HTTP/1.1\r\n\r\n")
    with connection.makefile("rb") as answer:
        lines = list(iter(answer.readline, b"\r\n"))
        length = next(int(line.split()[1]) for line in lines if line.startswith(b"Content-Length"))
        return lines[0] + answer.read(length)


@pytest.mark.parametrize(
    ("ours", "reference", "status"),
    [(0.4, 0.5, "goal met"), (0.4, 0.3, "minimum met"), (0.6, 0.7, "below minimum")],
)
def test_the_status_says_which_limits_are_met(benchmarks, ours, reference, status):
    limits, report, rows = benchmarks("limits"), benchmarks("report"), benchmarks("rows")
    sample, job = benchmarks("measure").Sample, benchmarks("measure").Job(["true"])
    result = limits.Result(sample(1.0), sample(ours), sample(reference))
    row = rows.Row("work", job, job, (limits.Times(2),), (limits.NoSlowerThanReference("curl"),))
    assert report.Outcome(row, result, full_size=True).status == status
    assert report.Outcome(row, result, full_size=False).status == "small size"


def test_the_median_of_the_ratios_counts_and_a_wide_spread_is_told(benchmarks):
    limits, report, rows = benchmarks("limits"), benchmarks("report"), benchmarks("rows")
    sample, job = benchmarks("measure").Sample, benchmarks("measure").Job(["true"])

    def result(*times):
        return limits.Result.of_rounds(
            [
                {"released": sample(released), "ours": sample(ours), "reference": sample(2 * ours)}
                for released, ours in times
            ]
        )

    steady = result((2, 1), (20, 10), (4, 2), (4, 1))  # the machine was busy in the second round
    assert (steady.ratio, steady.reference_ratio, steady.says_nothing) == (2, 0.5, False)
    row = rows.Row("work", job, job, (limits.Times(2),), (limits.NoSlowerThanReference("curl"),))
    assert report.Outcome(row, steady, full_size=True).status == "goal met"
    wide = result((2, 1), (4, 1), (3, 1), (6, 1))
    assert wide.says_nothing
    assert report.Outcome(row, wide, full_size=True).status.startswith("unknown: 2.8x to 4.5x")


def test_a_kind_of_build_is_told_by_the_ratios_of_its_pairs(benchmarks, tmp_path):
    builds, rows, programs = map(benchmarks, ("builds", "build_rows", "build_programs"))
    with contextlib.ExitStack() as stack:
        alone, many, at_once = rows.Works(tmp_path, stack).on_the_machine()  # starts no service yet
    assert (alone.goal, many.goal, at_once.goal) == ("at most 2x", "at most 1.7x", "at most 1x, memory flat")

    def result(work, *times, growth=0):
        sample = programs.Sample
        pairs = [(sample(peer, peer, 0), sample(ours, 3 * peer, growth)) for peer, ours in times]
        return builds.Result(work, pairs)

    well = result(alone, (1, 1.5), (10, 19), (1, 5))
    assert (well.ratio, well.processor, well.is_met) == (1.9, 3, True)
    assert not result(alone, (1, 2.1)).is_met
    assert not result(at_once, (1, 0.5), growth=17 * 2**20).is_met
    soon = rows.Work("near", None, None, most=1.5, more=0.5)
    assert (soon.goal, result(soon, (1, 1.9)).is_met, result(soon, (1, 2.1)).is_met) == (
        "at most 1.5x + 0.5 s",
        True,
        False,
    )
    page = builds.section([well])
    assert builds.split_page(f"# Clients\n\n{page}") == ("# Clients\n", f"\n{page}")
    assert "| a trivial noarch package | 1.00 s  | 5.00 s     | 1.90x | 3.00x" in page
