"""The report of the measurements: two tables, and the page of the documentation that has them.

Rules: it is made from outcomes alone. Ratios matter more than seconds: seconds hold for one machine only.
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

RELEASED = f"copr {RELEASED_VERSION}"
HEADINGS = ("work", RELEASED, "this client", "times as fast", "memory", "for comparison")
BUILDS = "## Builds of the local Copr"  # the part of the page that `builds.py` writes
LIMIT_HEADINGS = ("work", "minimum", "goal", "result")

PAGE = f"""\
# Performance

Two clients do the same work: this one, and the released client {RELEASED}. Both run on the same machine and
use the same service. The chart shows how many times as fast this client is.

![How many times as fast as {RELEASED} this client is](performance.svg)

## Results

{{table}}

- **times as fast**: the time of {RELEASED} divided by the time of this client.
- **memory**: the peak memory of this client, as a share of the peak of {RELEASED}, or as growth during the
  work.
- **for comparison**: the time of a third program that does the same work.
- **50 ms round trip**: the service is on the other end of a connection with 25 ms delay in each direction.

These times come from one run ({{machine}}). On another machine the times are different. The ratios hardly
change.

## Minimum and goal

Each kind of work has a minimum, and most have a goal. Where several conditions are given, all must hold.
"4x" means: 4 times as fast as {RELEASED}.

{{limits}}

What limits the rows that are closest to their goals:

- The first call of a process is the start of Python, the import of this client, and sockets, `re` and
  `urllib.parse`. Plain calls need neither `requests` nor, in the async client, aiohttp; half of the rest of
  the async call is the import of asyncio.
- 20,000 builds in pages of 100 over 16 connections take some 19 round trips of 50 ms: 3 to connect, 1 for
  the second page, 2 for the other connections, and 13 for 198 pages.
- 100,000 builds in one response: the new objects need so many pages of memory that two fifths of the time are
  the kernel's. Records instead of plain dicts take 7 % of the processor time. Tried without gain: pieces of
  another size (0 to 6 % slower), another setting of malloc (0), equal texts that are shared (21 % slower).
  No cycle collection runs meanwhile. Freeing the objects is a tenth of the time, and counted for both.
- The first upload or download of a process imports `requests`, which takes 65 ms. The light transport can
  leave any other call to `requests` with all that it has sent and read. With a file, `requests` would have to
  read the file again up to the place of the failure, or append to a file that is half written.

## Repeat it

    benchmarks/run                   measures everything in less than ten minutes, and writes this page
    benchmarks/run --quick           small sizes, less than a minute, writes nothing
    benchmarks/run --only TEXT...    only work with one of these texts in its name, writes nothing

## How it is measured

- {RELEASED} is installed from the package index. Each client has its own environment, with the same version
  of Python and the newest versions of its dependencies.
- The service is a small program that responds from memory. Its responses have the form and size of the
  responses of a real Copr. It is a process of its own on this machine, so no real network is involved. For
  TLS it has its own certificate, which the clients trust in addition to all usual authorities.
- "50 ms round trip" is a relay that passes on every byte 25 ms later, in both directions. Handshakes of TCP
  and TLS take as many round trips as on a real line.
- Each measurement runs in a new process. The clients take turns. The table shows medians, and as ratio the
  median of the ratios of each turn. If the middle half of these ratios is spread over more than a quarter of
  the median, the result is "unknown". Starts are measured from outside and include the whole process. All
  other work is measured inside the process, after a first call.
- {RELEASED} opens a new connection for each call, and makes one call at a time. If the whole work would take
  minutes, it does a part, and its time is multiplied:
{{fewer}}
- {RELEASED} has no method for downloads. For it, the usual loop with `requests` and blocks of 8 kB is
  measured.
"""


@dataclass(frozen=True)
class Outcome:
    """A row and its result. The limits of the row are checked only if `full_size` is true."""

    row: Row
    result: Result
    full_size: bool

    @property
    def status(self) -> str:
        """Which limits of the row the result meets, in words."""
        if not self.full_size:
            return "small size"
        if self.result.says_nothing:
            low, high = self.result.middle
            return f"unknown: {low:.2g}x to {high:.2g}x, measure again on a quiet machine"
        if not all(limit.met(self.result) for limit in self.row.minimum):
            return "below minimum"
        if not self.row.goal:
            return "minimum met" if self.row.minimum else ""
        return "goal met" if all(limit.met(self.result) for limit in self.row.goal) else "minimum met"


def cells(outcome: Outcome) -> tuple[str, ...]:
    """Return the cells of an outcome for the table of results."""
    row, result = outcome.row, outcome.result
    comparison = ""
    if result.reference is not None:
        comparison = f"{row.reference_name}: {duration(result.reference)}"
    return (
        row.title,
        duration(result.released),
        duration(result.ours),
        f"{result.ratio:.3g}x",
        _memory(row, result),
        comparison,
    )


def limit_cells(outcome: Outcome) -> tuple[str, ...]:
    """Return the cells of an outcome for the table of limits."""
    minimum, goal = (
        ", ".join(limit.text for limit in limits) for limits in (outcome.row.minimum, outcome.row.goal)
    )
    return outcome.row.title, minimum, goal, outcome.status


def duration(sample: Sample) -> str:
    """Return the time of a sample as text, in seconds or milliseconds."""
    if sample.seconds >= 10:
        return f"{sample.seconds:.1f} s"
    return f"{sample.seconds:.2f} s" if sample.seconds >= 1 else f"{sample.seconds * 1000:.3g} ms"


def _memory(row: Row, result: Result) -> str:
    kinds = {type(limit) for limit in row.minimum}
    if MemoryBelow in kinds:
        return f"{result.memory_share:.2f} of {RELEASED}"
    if MemoryFlat in kinds:
        return f"+{result.memory_growth / MEBIBYTE:.1f} MiB"
    return ""


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the table of results in Markdown."""
    return _aligned([HEADINGS, *(cells(outcome) for outcome in outcomes)])


def limits_table(outcomes: Sequence[Outcome]) -> str:
    """Return the table of limits in Markdown, for the rows that have limits."""
    limited = [outcome for outcome in outcomes if outcome.row.minimum or outcome.row.goal]
    return _aligned([LIMIT_HEADINGS, *(limit_cells(outcome) for outcome in limited)])


def _aligned(lines: list[tuple[str, ...]]) -> str:
    """Lines of cells as a Markdown table whose columns are aligned, so that it is readable in a terminal."""
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def page(outcomes: Sequence[Outcome]) -> str:
    """Return the page of the documentation."""
    fewer = "\n".join(
        f"    - {outcome.row.title}: {outcome.row.released.size:,} of {outcome.row.ours.size:,}"
        for outcome in outcomes
        if outcome.row.released.size != outcome.row.ours.size
    )
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    return PAGE.format(table=table(outcomes), limits=limits_table(outcomes), machine=machine, fewer=fewer)


def split_page(page: str) -> tuple[str, str]:
    """Return the part of the page of the documentation that this module makes, and that about builds."""
    clients, heading, builds = page.partition(BUILDS)
    return clients.rstrip() + "\n", f"\n{heading}{builds}" if heading else ""
