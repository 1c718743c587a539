"""`kill -9` between any two steps of a build: nothing is lost, reported twice, or left half-written."""

from __future__ import annotations

import gzip
import hashlib
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from other_process import rows

PROGRAM = Path(__file__).parents[1] / "support" / "killed_service.py"
CHROOTS = ("fedora-45-x86_64", "epel-10-x86_64")
SPEC = """\
Name: hello
Version: 1.0
Release: 1
Summary: A package of the tests
License: MIT
BuildArch: noarch
%description
A package of the tests.
%files
"""
# A submission; claim and report of the source, and of two chroots.
COMMITS = 1 + 3 * 2
POINTS = [*(f"commit {number}" for number in range(1, COMMITS + 1)), "published", "described", "swapped"]


@pytest.fixture
def rpm(tmp_path: Path) -> Path:
    (tmp_path / "hello.spec").write_text(SPEC)
    defines = ["--define", f"_topdir {tmp_path}/rpmbuild", "--define", f"_rpmdir {tmp_path}"]
    command = ["rpmbuild", "-bb", *defines, str(tmp_path / "hello.spec")]
    subprocess.run(command, check=True, capture_output=True)
    (made,) = (tmp_path / "noarch").glob("*.rpm")
    return made


def read(repository: Path) -> list[str]:
    """Return the packages in the metadata, after checking that its files are complete."""
    index = (repository / "repodata/repomd.xml").read_text()
    files = re.findall(r'href="repodata/(([0-9a-f]{64})-(\w+)\.xml\.gz)"', index)
    assert len(files) == 3
    for name, checksum, _ in files:
        assert hashlib.sha256((repository / "repodata" / name).read_bytes()).hexdigest() == checksum
    (primary,) = (name for name, _, kind in files if kind == "primary")
    text = gzip.decompress((repository / "repodata" / primary).read_bytes()).decode()
    return sorted(re.findall(r'<location href="(.*?)"', text))


def reported(data: Path) -> set[str]:
    """Return the steps that are finished in the database."""
    source = rows(data, "SELECT id, 'source' FROM build WHERE source_state IN ('importing', 'succeeded')")
    chroots = rows(data, "SELECT build_id, name FROM build_chroot WHERE state = 'succeeded'")
    return {f"{build} {step}" for build, step in [*source, *chroots]}


def test_a_service_killed_anywhere_ends_every_build_once(tmp_path: Path, rpm: Path) -> None:
    data, begun = tmp_path / "data", tmp_path / "begun"

    command = [sys.executable, str(PROGRAM), str(data), str(rpm)]
    services = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert services.stdin is not None
    assert services.stdout is not None

    def run(point: str) -> int:
        services.stdin.write(f"{point}\n")
        services.stdin.flush()
        return int(services.stdout.readline())

    def done() -> set[str]:
        """Return the steps that are reported as finished, and the chroots with complete results."""
        folders = (data / "results/local/hello").glob("*/*-hello/results.json")
        return reported(data) | {f"{int(path.parts[-2][:8])} {path.parts[-3]}" for path in folders}

    done_at: list[tuple[set[str], Counter[str]]] = []
    for point in POINTS:
        assert run(point) == -signal.SIGKILL, point
        done_at.append((done(), Counter(begun.read_text().splitlines() if begun.exists() else [])))
        for chroot in CHROOTS:
            for package in read(data / "results/local/hello" / chroot):
                assert (data / "results/local/hello" / chroot / package).is_file(), point
    assert run("never") == 0
    services.communicate()

    steps = [f"{build} {step}" for build in range(1, len(POINTS) + 2) for step in ("source", *CHROOTS)]
    times = Counter(begun.read_text().splitlines())
    assert reported(data) == set(steps) == set(times)
    for finished, before in done_at:
        assert [step for step in finished if times[step] != before[step]] == []
    assert max(times.values()) <= 2
    for chroot in CHROOTS:
        expected = [f"{build:08d}-hello/hello-{build}-1.noarch.rpm" for build in range(1, len(POINTS) + 2)]
        assert read(data / "results/local/hello" / chroot) == expected
