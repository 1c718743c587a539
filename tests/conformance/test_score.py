"""The scores are at least those that were promised, and every difference is on the published list."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from databases import Databases

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "conformance.md"
SECONDS = 120


def score(name: str, databases: Databases | None) -> str:
    """Return what `score.py -v` prints for a transcript of the project."""
    database = [] if databases is None else ["--database", databases.new()]
    command = [sys.executable, HERE / "score.py", "-v", *database, HERE / "wire" / f"{name}.jsonl.gz"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    assert "event" not in done.stderr, done.stderr  # each event was carried out
    return done.stdout


def published(title: str) -> set[int]:
    """Return the exchanges that the page lists as different, in the section with this title."""
    section = PAGE.read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (\d+) `[^`]+` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)
    assert all(cell.strip() for row in rows for cell in row)
    return {int(row[0]) for row in rows}


@pytest.mark.parametrize(
    ("name", "title", "promised"),
    [
        ("frontend-2026", "The frontend of August 2026", 97.0),
        ("frontend-2020", "The frontend of February 2020", 95.0),
    ],
)
def test_a_frontends_answers_are_given_as_promised_but_for_those_on_the_list(
    name, title, promised, databases
):
    printed = score(name, databases)

    alike, total, percent = re.findall(
        r"conformance: (\d+) of (\d+) exchanges alike \((.+) %\)", printed.splitlines()[-1]
    )[0]
    assert float(percent) >= promised
    assert printed.splitlines()[-1] in PAGE.read_text()
    assert f"| {alike} of {total} | {percent} % |" in PAGE.read_text()
    different = {int(number) for number in re.findall(r"^n (\d+) ", printed, re.MULTILINE)}
    assert len(different) == int(total) - int(alike)
    assert different == published(title)


def test_a_difference_is_found_and_printed(tmp_path):
    transcript = tmp_path / "changed.jsonl"
    transcript.write_text(
        '{"n": 1, "label": "home", "as": null, "method": "GET", "path": "/api_3/", "query": "",'
        ' "request_headers": {}, "request_body": "", "status": 200, "reason": "OK", "response_headers":'
        ' {"Content-Type": "application/json"}, "response_body": "{\\"version\\": 4}"}\n'
    )
    command = [sys.executable, HERE / "score.py", "-v", transcript]

    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)

    assert "$.version: recorded 4, here 3" in done.stdout
    assert done.stdout.splitlines()[-1] == "conformance: 0 of 1 exchanges alike (0.0 %)"
