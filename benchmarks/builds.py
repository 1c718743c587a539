"""How fast the local Copr builds: each kind of build beside the same work by hand.

    python -m benchmarks.builds [--only TEXT...] [--samples N] [--quick] [--write]

Rules: both ways take turns, so that other load on the machine affects both. A result is the median of the
ratios of the pairs. By hand, programs run as the service runs those of a build: with a low priority, in a
session of their own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from .build_programs import Sample
from .build_rows import Work, Works
from .environments import ROOT
from .report import BUILDS, split_page

PAGE = ROOT / "docs" / "performance.md"
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Result:
    """The pairs of samples of one kind of build: by hand, and ours."""

    work: Work
    pairs: Sequence[tuple[Sample, Sample]]

    @property
    def ratio(self) -> float:
        """The median of our time divided by the time by hand."""
        return median(ours.seconds / peer.seconds for peer, ours in self.pairs)

    @property
    def processor(self) -> float:
        """The same for processor time; 0 if it was not measured."""
        return median(ours.processor / peer.processor if peer.processor else 0 for peer, ours in self.pairs)

    @property
    def growth(self) -> int:
        """Growth of the peak of memory, in bytes."""
        return round(median(ours.peak - peer.peak for peer, ours in self.pairs))

    @property
    def is_met(self) -> bool:
        """Whether the goal is met."""
        over = median(ours.seconds - self.work.most * peer.seconds for peer, ours in self.pairs)
        return over <= self.work.more and not (self.work.flat and self.growth > 16 * MEBIBYTE)

    def cells(self) -> tuple[str, ...]:
        """Return the cells of the table."""
        peer, ours = (median(pair[side].seconds for pair in self.pairs) for side in (0, 1))
        processor = f"{self.processor:.2f}x" if self.processor else ""
        memory = f"+{max(0, self.growth) / MEBIBYTE:.1f} MiB" if self.work.flat else ""
        met = "met" if self.is_met else "not met"
        times = (f"{peer:.2f} s", f"{ours:.2f} s", f"{self.ratio:.2f}x", processor, memory)
        return (self.work.title, *times, f"{self.work.goal}: {met}")


HEADINGS = ("work", "by hand", "local Copr", "time", "processor time", "memory", "goal")


def measure(works: Sequence[Work], samples: int | None) -> Iterator[Result]:
    """Measure one kind of build after the other, and print the progress on standard error."""
    for place, work in enumerate(works, 1):
        print(f"[{place}/{len(works)}] {work.title} ...", end=" ", file=sys.stderr, flush=True)
        work.ours()  # the first build of a service loads its modules
        result = Result(work, [(work.peer(), work.ours()) for _ in range(samples or work.samples)])
        print(" | ".join(result.cells()[1:]), file=sys.stderr, flush=True)
        yield result


def table(results: Sequence[Result]) -> str:
    """Return the table of the results in Markdown."""
    lines = [HEADINGS, *(result.cells() for result in results)]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def section(results: Sequence[Result]) -> str:
    """Return the section of the page of the documentation."""
    return f"""{BUILDS}

A build of the local Copr, from its submission until it has succeeded and its packages are in the repository,
beside the same work by hand: `rpmbuild`, `createrepo_c`, and for roots `dnf --installroot`. Both take turns,
with the same priority; the table shows medians, and medians of the ratios of pairs. Processor time is that of
all programs. Roots are installed from a small distribution that the tests make of this machine's packages.

{table(results)}

    .venv/bin/python -m benchmarks.builds --write          measures all, and writes this section
    .venv/bin/python -m benchmarks.builds --only TEXT...   only work with one of these texts in its title
"""


def main(arguments: list[str] | None = None) -> None:
    """Measure and print the table. Write the section of the page if asked to."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.builds", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--only", nargs="+", metavar="TEXT", default=[""], help="only work with such a title")
    parser.add_argument("--samples", type=int, metavar="N", help="how many pairs to measure")
    parser.add_argument("--quick", action="store_true", help="small sizes")
    parser.add_argument("--write", action="store_true", help="write the section of docs/performance.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder, ExitStack() as stack:
        works = [
            work
            for work in Works(Path(folder), stack, options.quick)
            if any(text.lower() in work.title.lower() for text in options.only)
        ]
        results = list(measure(works, options.samples))
    print(table(results))
    if options.write:
        clients, _ = split_page(PAGE.read_text())
        PAGE.write_text(f"{clients}\n{section(results)}")


if __name__ == "__main__":
    main()
