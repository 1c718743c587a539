#!/usr/bin/env python3
"""Print how much of a real frontend's recorded traffic a local Copr answers in the same way.

    score.py [-v] [--database URL] TRANSCRIPT...

A transcript is a `.jsonl` or `.jsonl.gz` file; those of the project are in `wire/`. Several transcripts of
one frontend are merged. This starts an empty local Copr with the users, groups and chroots of that frontend.
`replay.py` sends the requests of the transcript to it in their order, and compares the responses; its last
line is the score. -v prints every difference. `wire/README.md` describes the exchanges, `replay.py` the
tolerances. With --database, the local Copr uses an empty PostgreSQL database.

If the Python that runs this does not have the local Copr, the Python of this checkout's `.venv` is used,
which `./quickstart` and `./run-tests` make.
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
    """Return the lines of a transcript. Exit if a line is not an exchange."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        rows: list[Row] = [json.loads(line) | {"file": path.name} for line in file if line.strip()]
    for row in rows:
        if "event" not in row and not row.keys() >= {"method", "path", "query", "status"}:
            sys.exit(f"{path}: its line with n {row.get('n')} is not an exchange with a frontend")
    return rows


def recorded_from(rows: list[Row]) -> Frontend:
    """Return the frontend of these exchanges. Only the one of 2020 had more than one API."""
    return FRONTEND_2020 if any("api" in row for row in rows) else FRONTEND_2026


def main() -> None:
    """Print the score of the transcripts on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-v", action="store_true", help="print every difference")
    parser.add_argument("--database", metavar="URL", help="URL of an empty PostgreSQL database")
    parser.add_argument("transcripts", nargs="+", type=Path, metavar="TRANSCRIPT")
    arguments = parser.parse_args()
    rows = sorted((row for path in arguments.transcripts for row in read(path)), key=lambda row: row["n"])
    with (
        tempfile.TemporaryDirectory() as folder,
        Backdoor(recorded_from(rows), arguments.database) as backdoor,
    ):
        content = make_srpm(Path(folder)).read_bytes()
        judged = replay.Replay(backdoor.copr.address, backdoor, rows, lambda: content)
        replay.judge(judged, rows, arguments.v)


if __name__ == "__main__":
    main()
