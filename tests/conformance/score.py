#!/usr/bin/env python3
"""How much of a real frontend's recorded traffic a local Copr answers alike.

    score.py [-v] TRANSCRIPT...

A transcript is a `.jsonl` file, or a `.jsonl.gz` one; those of the project are in `wire/`. Several of one
frontend are merged. An empty local Copr with the users, groups and chroots of that frontend is started,
`replay.py` sends the transcript's requests to it in their order and compares the answers, and its last line
is the score. -v prints every difference. What an exchange is: `wire/README.md`; the tolerances: `replay.py`.

It runs with the Python of this checkout's `.venv`, which `./quickstart` and `./run-tests` make, unless the
Python that it is started with has the local Copr.
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OWN_PYTHON = HERE.parents[1] / ".venv" / "bin" / "python"
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

if importlib.util.find_spec("copr_local") is None:
    if not OWN_PYTHON.exists() or Path(sys.executable) == OWN_PYTHON:
        sys.exit("This Python has no copr_local: run ./quickstart or ./run-tests first, which make .venv.")
    os.execv(OWN_PYTHON, [OWN_PYTHON, *sys.argv])

import replay  # noqa: E402, these are found by the line above
from frontends import FRONTEND_2020, FRONTEND_2026, Backdoor, Frontend  # noqa: E402
from srpm import make_srpm  # noqa: E402

Row = dict[str, Any]


def read(path: Path) -> list[Row]:
    """The lines of a transcript; exits where they are something else, as what a client handed its caller."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        rows: list[Row] = [json.loads(line) | {"file": path.name} for line in file if line.strip()]
    for row in rows:
        if "event" not in row and not row.keys() >= {"method", "path", "query", "status"}:
            sys.exit(f"{path}: its line with n {row.get('n')} is no exchange with a frontend")
    return rows


def recorded_from(rows: list[Row]) -> Frontend:
    """Which frontend gave these answers: only in 2020 there was more than one generation to name."""
    return FRONTEND_2020 if any("api" in row for row in rows) else FRONTEND_2026


def main() -> None:
    """Print the score of the transcripts on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-v", action="store_true", help="print every difference")
    parser.add_argument("transcripts", nargs="+", type=Path, metavar="TRANSCRIPT")
    arguments = parser.parse_args()
    rows = sorted((row for path in arguments.transcripts for row in read(path)), key=lambda row: row["n"])
    with tempfile.TemporaryDirectory() as folder, Backdoor(recorded_from(rows)) as backdoor:
        content = make_srpm(Path(folder)).read_bytes()
        judged = replay.Replay(backdoor.copr.address, backdoor, rows, lambda: content)
        replay.judge(judged, rows, arguments.v)


if __name__ == "__main__":
    main()
