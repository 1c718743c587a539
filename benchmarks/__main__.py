"""The command line of the measurements."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .chart import chart
from .environments import ROOT
from .limits import MEBIBYTE, Result
from .measure import Sample, rounds
from .report import Outcome, limits_table, page, split_page, table
from .rows import Row, Rows
from .service import Service

QUICK_SCALE, QUICK_SAMPLES = 0.1, 1
ROOM = 4 * 1024 * MEBIBYTE  # bytes; enough for all uploads and downloads at full size


def main(arguments: list[str] | None = None) -> None:
    """Measure and print the tables. Write the page if everything was measured at full size."""
    options = _parser().parse_args(arguments)
    scale = options.scale or (QUICK_SCALE if options.quick else 1)
    samples = options.samples or (QUICK_SAMPLES if options.quick else None)
    partly = options.only or scale != 1
    output = options.output or (None if partly else ROOT / "docs")
    (ROOT / ".run").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_transfer_folder(), prefix="benchmarks-") as name:
        folder = Path(name)
        with Service(folder) as service:
            rows = Rows(service, folder, scale)
            write_file(rows.file, rows.size(512) * MEBIBYTE)
            chosen = [row for row in rows if _is_chosen(row, options.only)]
            results = measure(chosen, environment(service, folder), samples)
            outcomes = [Outcome(row, result, full_size=scale == 1) for row, result in results]
    print(table(outcomes), limits_table(outcomes), sep="\n\n")
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        target = output / "performance.md"
        _, builds = split_page(target.read_text() if target.exists() else "")
        target.write_text(page(outcomes) + builds)
        (output / "performance.svg").write_text(chart(outcomes))
        print(f"\nWritten: {output / 'performance.md'} and its chart.", file=sys.stderr)


def _transfer_folder() -> Path:
    """Return a folder for transferred files: in memory if there is room, because disks are not measured."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder with a random name is created in it
    if memory.is_dir() and shutil.disk_usage(memory).free > ROOM:
        return memory
    return ROOT / ".run"


def measure(rows: list[Row], environ: dict[str, str], samples: int | None) -> Iterator[tuple[Row, Result]]:
    """Measure one row after the other, and print the progress on standard error."""
    for place, row in enumerate(rows, 1):
        print(f"[{place}/{len(rows)}] {row.title} ...", end=" ", file=sys.stderr, flush=True)
        result = Result.of_rounds(
            [
                {name: same_amount(row, name, sample) for name, sample in taken.items()}
                for taken in rounds(row.jobs, environ, samples or row.samples)
            ]
        )
        low, high = result.middle
        print(f"{result.ratio:.3g}x ({low:.3g} to {high:.3g})", file=sys.stderr)
        yield row, result


def same_amount(row: Row, name: str, sample: Sample) -> Sample:
    """Return the sample of a job, scaled to the amount of work that this client did."""
    return replace(sample, seconds=sample.seconds * row.ours.size / row.jobs[name].size)


def environment(service: Service, folder: Path) -> dict[str, str]:
    """Return the environment variables of the jobs: the trusted certificate, no settings of the caller."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "REQUESTS_CA_BUNDLE": str(service.authorities),
    }


def write_file(file: Path, size: int) -> None:
    """Write a file of random bytes to upload."""
    block = os.urandom(MEBIBYTE)
    with file.open("wb") as target:
        for _ in range(size // MEBIBYTE):
            target.write(block)


def _is_chosen(row: Row, texts: list[str] | None) -> bool:
    return not texts or any(text.lower() in row.title.lower() for text in texts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run",
        description="Measure this client and the released one, and write docs/performance.md.",
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, one sample each; write no page")
    parser.add_argument(
        "--only", nargs="+", metavar="TEXT", help="only rows with one of these texts; write no page"
    )
    parser.add_argument("--samples", type=int, metavar="N", help="how often to run each command")
    parser.add_argument("--scale", type=float, metavar="FACTOR", help="multiply all sizes; write no page")
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="write the page into this folder")
    return parser


if __name__ == "__main__":
    main()
