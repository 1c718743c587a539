"""What is told of the measurements: a table for the terminal and, with a chart, a page of the documentation.

Rules: made of outcomes alone; ratios come first, for seconds are those of one machine.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass

from .environments import RELEASED_VERSION
from .limits import MEBIBYTE, MemoryBelow, MemoryFlat, Result
from .measure import Sample
from .rows import Row

HEADINGS = (
    "work",
    f"released {RELEASED_VERSION}",
    "ours",
    "ratio",
    "memory",
    "beside it",
    "not done below",
    "aim",
    "verdict",
)

PAGE = f"""\
# Performance

This client beside the released one, copr {RELEASED_VERSION}, each doing the same work over the same service
on the same machine.

![How many times as fast as the released client](performance.svg)

{{table}}

The ratio is the released client's time divided by ours. "Memory" is our peak memory, as a share of the
released client's or as what the work added to it. Seconds and bytes are those of one run ({{machine}}); on
another machine they differ, and the ratios hardly do.

## How it is measured

    benchmarks/run                   all of it, in less than ten minutes; writes this page
    benchmarks/run --quick           with small sizes, in less than a minute; writes nothing
    benchmarks/run --only TEXT...    the rows whose work has one of these texts in it; writes nothing

- The released client comes from the package index, into an environment of its own; both run on the same
  version of Python, with the newest versions of what they depend on.
- The service is a small program that answers from memory, in the form and size of a frontend's answers. It
  is a process of its own, on loopback, with a certificate that is trusted beside all the usual authorities.
- "50 ms away" is a relay that hands on every byte 25 ms later, in both directions: handshakes of TCP and TLS
  take their round trips as on a long line.
- Each sample is a fresh process. The clients take turns, and the table has the medians. Starts are timed
  from outside, with all of the process; the rest is timed inside, after a first call.
- The released client opens a connection for each call, one call at a time. Where it would take minutes, it
  does fewer, and the time is multiplied: {{fewer}}.
- It has no download; in its place stands the usual loop over blocks of 8 kB with `requests`.
"""


@dataclass(frozen=True)
class Outcome:
    """A row and its result; only at `full_size` do the row's limits count."""

    row: Row
    result: Result
    full_size: bool

    @property
    def verdict(self) -> str:
        """How the result stands to the row's limits."""
        if not self.full_size:
            return "small size"
        if not all(limit.met(self.result) for limit in self.row.floor):
            return "not done"
        if not self.row.aim:
            return "done" if self.row.floor else ""
        return "aim met" if all(limit.met(self.result) for limit in self.row.aim) else "done"


def cells(outcome: Outcome) -> tuple[str, ...]:
    """An outcome as the cells of a line."""
    row, result = outcome.row, outcome.result
    floor, aim = (", ".join(limit.text for limit in limits) for limits in (row.floor, row.aim))
    reference = ""
    if result.reference is not None:
        reference = f"{row.reference_name}: {duration(result.reference)}"
    return (
        row.title,
        duration(result.released),
        duration(result.ours),
        f"{result.ratio:.3g}x",
        _memory(row, result),
        reference,
        floor,
        aim,
        outcome.verdict,
    )


def duration(sample: Sample) -> str:
    """Seconds, in a unit that fits."""
    if sample.seconds >= 10:
        return f"{sample.seconds:.1f} s"
    return f"{sample.seconds:.2f} s" if sample.seconds >= 1 else f"{sample.seconds * 1000:.3g} ms"


def _memory(row: Row, result: Result) -> str:
    kinds = {type(limit) for limit in row.floor}
    if MemoryBelow in kinds:
        return f"{result.memory_share:.2f} of theirs"
    if MemoryFlat in kinds:
        return f"+{result.memory_growth / MEBIBYTE:.1f} MiB"
    return ""


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as a table in Markdown, which is aligned for reading as it is."""
    lines = [HEADINGS, *(cells(outcome) for outcome in outcomes)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def page(outcomes: Sequence[Outcome]) -> str:
    """The documentation's page."""
    fewer = "; ".join(
        f"{outcome.row.title}, {outcome.row.released.size:,} of {outcome.row.ours.size:,}"
        for outcome in outcomes
        if outcome.row.released.size != outcome.row.ours.size
    )
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    return PAGE.format(table=table(outcomes), machine=machine, fewer=fewer)
