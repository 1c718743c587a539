"""How soon a browser paints the pages of the local Copr, and how large they are.

    python -m benchmarks.first_paint [--samples N] [--output docs/local-copr-load.md]

Rules: the browser is the Chromium of this machine, and the service is the real one on the loopback interface.
Its cache is off. A time is that of the first paint in the browser's performance entries, counted from the
start of the navigation. A small picture of the same service shows what the browser itself needs.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from copr_local import LocalCopr

from .environments import ROOT
from .sections import update_page

sys.path.append(str(ROOT / "docs"))
import make_pictures

LIMIT = 200  # milliseconds until the first paint
LARGEST = 50_000  # bytes of a page
HEADING = "## First paint"
FIRST_PAINT = """() => new Promise((resolve) => {
  const of = (entries) => entries.find((each) => each.name === "first-paint");
  const found = of(performance.getEntriesByType("paint"));
  if (found) return resolve(found.startTime);
  new PerformanceObserver((list) => { const one = of(list.getEntries()); if (one) resolve(one.startTime); })
    .observe({type: "paint"});
})"""


@dataclass(frozen=True)
class Paint:
    """One page: its path, the times until its first paint in milliseconds, and its bytes.

    Other programs on the machine only make a paint slower, so the fastest one is compared with the limit.
    """

    path: str
    fastest: float
    median: float
    size: int

    @property
    def is_met(self) -> bool:
        """True if both limits are met."""
        return self.fastest < LIMIT and self.size < LARGEST


def paints(samples: int) -> Iterator[Paint]:
    """Measure all pages, those for everybody and those for a user."""
    with (
        LocalCopr(username="alice", chroots=make_pictures.CHROOTS, builds="scripted") as copr,
        make_pictures.chromium() as browser,
    ):
        make_pictures.fill(copr)
        page = _page(browser)
        yield _paint(page, copr.url, "/static/favicon.svg", samples)
        for path in make_pictures.FOR_ALL:
            yield _paint(page, copr.url, path, samples)
        make_pictures.sign_in(page, copr)
        for path in make_pictures.FOR_USERS:
            yield _paint(page, copr.url, path, samples)


def _page(browser: Browser) -> Page:
    """Open a window that caches nothing."""
    page = browser.new_page()
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    return page


def _paint(page: Page, url: str, path: str, samples: int) -> Paint:
    """Load a page several times, and measure its first paint."""
    times, size = [], 0
    for _ in range(samples):
        answer = page.goto(url + path)
        assert answer is not None
        times.append(page.evaluate(FIRST_PAINT))
        size = len(answer.body())
    return Paint(path, min(times), statistics.median(times), size)


def section(found: list[Paint]) -> str:
    """Return the section of the documentation."""
    file, *pages = found
    slowest = sorted(pages, key=lambda each: -each.fastest)[:5]
    largest = max(pages, key=lambda each: each.size)
    middle = statistics.median(each.median for each in pages)
    rows = "\n".join(
        f"| `{each.path}` | {each.fastest:.0f} ms | {each.median:.0f} ms | {each.size:,} |"
        for each in (*slowest, file)
    )
    load = os.getloadavg()[0]
    met = sum(each.is_met for each in pages)
    return f"""{HEADING}

`python -m benchmarks.first_paint` opened {len(pages)} pages in Chromium, with nothing in its cache.
The limits are {LIMIT} ms until the first paint, the fastest of some samples, and {LARGEST:,} bytes of HTML.
{met} pages meet both. The median of all is {middle:.0f} ms.
The load of the machine was {load:.0f} on {os.cpu_count()} cores.
The largest page is `{largest.path}` with {largest.size:,} bytes.
The slowest pages, and a picture for comparison:

| page | fastest paint | median | bytes |
| --- | ---: | ---: | ---: |
{rows}
"""


def main() -> None:
    """Measure and print. Write the section of the page if asked to. Exit with 1 if a limit is not met."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.first_paint", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--samples", type=int, default=5, help="how often each page is opened")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the section into this file")
    options = parser.parse_args()
    found = []
    for paint in paints(options.samples):
        times = f"{paint.fastest:6.0f} ms, median {paint.median:6.0f} ms"
        print(f"{times}, {paint.size:7,} bytes  {paint.path}", flush=True)
        found.append(paint)
    if options.output is not None:
        update_page(ROOT / options.output, section(found))
    if not all(each.is_met for each in found):
        sys.exit(1)


if __name__ == "__main__":
    main()
