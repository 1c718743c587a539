"""The rows of the table: the work that is measured, and the limits for it.

Rules: a row is data: the commands of both clients, and limits. The released client opens a connection for
each call. Where that would take minutes it makes fewer calls and its time is multiplied; `size` has the
number of calls.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .environments import own_python, released_python
from .limits import MEBIBYTE, Limit, MemoryBelow, MemoryFlat, NoSlowerThanReference, SoonAfterReference, Times
from .measure import Job
from .service import Service

WORK = Path(__file__).parent / "work.py"
IMPORT = "from copr.v3 import Client"
CALL = "Client({'copr_url': '%s'}).build_proxy.get(1)"
LEGACY_CALL = "from copr import CoprClient; CoprClient('alice', 'login', 'token', '%s').get_build_details(1)"
ASYNC_CALL = """
import asyncio
from copr.v3 import AsyncClient

async def main():
    async with AsyncClient({'copr_url': '%s'}) as client:
        await client.build_proxy.get(1)

asyncio.run(main())
"""


@dataclass(frozen=True)
class Row:
    """One kind of work.

    :param minimum: limits that must be met.
    :param goal: limits that should be met.
    :param reference: a third command that does the same work, for comparison; `reference_name` is its name.
    :param samples: how often the commands are run by default.
    """

    title: str
    released: Job
    ours: Job
    minimum: tuple[Limit, ...] = ()
    goal: tuple[Limit, ...] = ()
    reference: Job | None = None
    reference_name: str = ""
    samples: int = 5

    @property
    def jobs(self) -> dict[str, Job]:
        """The commands, by the field names of a result."""
        jobs = {"released": self.released, "ours": self.ours, "reference": self.reference}
        return {name: job for name, job in jobs.items() if job is not None}


class Rows:
    """All rows, for a running service.

    :param folder: folder for files that are uploaded and downloaded.
    :param scale: factor for all sizes.
    """

    def __init__(self, service: Service, folder: Path, scale: float = 1.0) -> None:
        self.urls = service.urls
        self.authorities = service.authorities
        self.folder = folder
        self.scale = scale
        self.ours = own_python()
        self.released = released_python()
        self.file = folder / "package.src.rpm"

    def __iter__(self) -> Iterator[Row]:
        yield from self.starts()
        yield from self.calls()
        yield self.legacy_calls()
        yield from self.many_builds()
        yield from self.many_pages()
        yield self.decoding()
        yield from self.uploads()
        yield from self.downloads()

    def size(self, full: int) -> int:
        """Return a size, multiplied by the scale."""
        return max(1, round(full * self.scale))

    def start(self, python: Path, code: str) -> Job:
        """Return a job that runs a whole Python process."""
        return Job([python, "-W", "ignore", "-c", code])

    def work(self, python: Path, name: str, amount: int = 1, **parameters: object) -> Job:
        """Return a job that runs a function of `work.py`."""
        return Job([python, "-P", WORK, name, json.dumps(parameters), self.urls["http"]], amount)

    def starts(self) -> Iterator[Row]:
        """Yield the rows of imports: alone, and with one call."""
        with_call = f"{IMPORT}; {CALL % self.urls['http']}"
        with_tls = f"{IMPORT}; {CALL % self.urls['https']}"
        released = self.start(self.released, with_call)
        bare = self.start(self.ours, "pass")
        yield Row(
            "`from copr.v3 import Client`",
            self.start(self.released, IMPORT),
            self.start(self.ours, IMPORT),
            minimum=(Times(4),),
            goal=(SoonAfterReference(0.025, "bare Python"),),
            reference=bare,
            reference_name="bare Python",
            samples=15,
        )
        yield Row(
            "import and one call",
            released,
            self.start(self.ours, with_call),
            minimum=(Times(1.8),),
            goal=(Times(2.5),),
            reference=bare,
            reference_name="bare Python",
            samples=15,
        )
        yield Row(
            "import and one call: TLS",
            self.start(self.released, with_tls),
            self.start(self.ours, with_tls),
            minimum=(Times(1.5),),
            goal=(Times(2),),
            samples=15,
        )
        yield Row(
            "import and one call of the legacy client",
            released,
            self.start(self.ours, LEGACY_CALL % self.urls["http"]),
            goal=(NoSlowerThanReference("copr.v3", times=1.1),),
            reference=self.start(self.ours, with_call),
            reference_name="copr.v3",
            samples=15,
        )
        yield Row(
            "import and one call of the async client",
            released,
            self.start(self.ours, ASYNC_CALL % self.urls["http"]),
            minimum=(Times(1),),
            reference=self.start(self.ours, "import aiohttp"),
            reference_name="import aiohttp",
            samples=15,
        )

    def calls(self) -> Iterator[Row]:
        """Yield the rows of calls that are made one after the other."""
        kinds = (
            ("HTTP", "http", 1000, 2000, 3, 5),
            ("TLS", "https", 50, 2000, 50, 85),
            ("TLS, 50 ms round trip", "far", 20, 20, 2.8, 2.9),
        )
        for kind, url, few, many, minimum, goal in kinds:
            counts = (self.size(few), self.size(many))
            released, ours = (
                self.work(python, "builds", count, url=self.urls[url], count=count)
                for python, count in zip((self.released, self.ours), counts, strict=True)
            )
            yield Row(
                f"{counts[1]:,} GETs in a row: {kind}", released, ours, (Times(minimum),), (Times(goal),)
            )

    def legacy_calls(self) -> Row:
        """Return the row of calls of the legacy client over API v1, compared with calls over API v3."""
        few, many = self.size(1000), self.size(2000)
        http = self.urls["http"]
        return Row(
            f"{many:,} GETs of the legacy client: HTTP",
            self.work(self.released, "builds", few, url=http, count=few),
            self.work(self.ours, "legacy_builds", many, url=http, count=many),
            minimum=(NoSlowerThanReference("copr.v3", times=1.1),),
            reference=self.work(self.ours, "builds", many, url=http, count=many),
            reference_name="copr.v3",
        )

    def many_builds(self) -> Iterator[Row]:
        """Yield the rows of many builds by id, over a slow connection."""
        far, few, many = self.urls["far"], self.size(40), self.size(1000)
        title = f"{many:,} builds by id, 50 ms round trip"
        released = self.work(self.released, "builds", few, url=far, count=few)
        yield Row(
            f"{title}: 16 connections",
            released,
            self.work(self.ours, "builds_side_by_side", many, url=far, count=many, connections=16),
            minimum=(Times(40),),
            goal=(Times(50),),
            reference=self.work(
                self.released, "builds_in_threads", 5 * few, url=far, count=5 * few, connections=16
            ),
            reference_name="2.7 in 16 threads",
            samples=3,
        )
        yield Row(
            f"{title}: async, 32 at once",
            released,
            self.work(self.ours, "builds_async", many, url=far, count=many, connections=32),
            minimum=(Times(80),),
            goal=(Times(95),),
            samples=3,
        )

    def many_pages(self) -> Iterator[Row]:
        """Yield the rows of a long list of builds that is read in pages, over a slow connection."""
        far, few, many = self.urls["far"], 100 * self.size(40), 100 * self.size(200)
        released = self.work(self.released, "pages", few, url=far, count=few, builds=many)
        in_threads = self.work(
            self.released, "pages_in_threads", many, url=far, count=many, builds=many, connections=16
        )

        def ours(connections: int) -> Job:
            return self.work(
                self.ours, "pages_unlimited", many, url=far, builds=many, connections=connections
            )

        kinds = (("one connection", 1, 3.2, 3.4, None), ("16 connections", 16, 35, 42, in_threads))
        for kind, connections, minimum, goal, reference in kinds:
            yield Row(
                f"{many:,} builds in pages of 100, 50 ms round trip: {kind}",
                released,
                ours(connections),
                minimum=(Times(minimum),),
                goal=(Times(goal),),
                reference=reference,
                reference_name="2.7 in 16 threads",
                samples=3,
            )

    def decoding(self) -> Row:
        """Return the row of one large response."""
        count = self.size(100_000)
        released, ours = (
            self.work(python, "decode", count, url=self.urls["http"], count=count)
            for python in (self.released, self.ours)
        )
        title = f"{count:,} builds in one response, a field of each"
        return Row(
            title, released, ours, minimum=(Times(3), MemoryBelow(0.7)), goal=(Times(4.2), MemoryBelow(0.62))
        )

    def uploads(self) -> Iterator[Row]:
        """Yield the rows of uploads of a large source RPM."""
        megabytes = self.size(512)
        for kind, url, minimum in (("HTTP", "http", 3.5), ("TLS", "https", 2.2)):
            released, ours = (
                self.work(python, "upload", url=self.urls[url], file=str(self.file))
                for python in (self.released, self.ours)
            )
            yield Row(
                f"upload of {megabytes} MiB: {kind}",
                released,
                ours,
                minimum=(Times(minimum), MemoryFlat()),
                goal=(NoSlowerThanReference("curl"),),
                reference=self.curl(
                    "/dev/null", "--form", f"pkgs=@{self.file}", f"{self.urls[url]}/api_3/build/create/upload"
                ),
                reference_name="curl",
            )

    def downloads(self) -> Iterator[Row]:
        """Yield the rows of downloads of a large RPM."""
        megabytes = self.size(512)
        size, copy = megabytes * MEBIBYTE, self.folder / "copy.rpm"
        for kind, url, minimum, goal in (("HTTP", "http", 2.5, 2.8), ("TLS", "https", 1.5, 1.7)):
            released, ours = (
                self.work(python, name, url=self.urls[url], size=size, file=str(copy))
                for python, name in ((self.released, "download_with_requests"), (self.ours, "download"))
            )
            curl = self.curl(str(copy), f"{self.urls[url]}/results/{size}/package.rpm")
            yield Row(
                f"download of {megabytes} MiB: {kind}",
                replace(released, leaves=copy),
                replace(ours, leaves=copy),
                minimum=(Times(minimum), MemoryFlat()),
                goal=(Times(goal), NoSlowerThanReference("curl")),
                reference=replace(curl, leaves=copy),
                reference_name="curl",
            )

    def curl(self, output: str, *arguments: str) -> Job:
        """Return a job that transfers a file with curl, which measures its own time."""
        told = '{"seconds": %{time_total}}'
        options = ["--silent", "--show-error", "--fail", "--cacert", str(self.authorities)]
        return Job(["curl", *options, "--output", output, "--write-out", told, *arguments])
