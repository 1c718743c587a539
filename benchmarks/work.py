"""What either client is made to do, and how long it takes: a program, run by the Python of one or the other.

Rules: imports the client that is there and, but for that, the standard library. Its arguments are the name of
a work and its parameters as JSON. It prints one line of JSON: `seconds` of the work alone (the client was
imported and had made one call before), `peak` and `before`, the most memory that the process had used until
the end and until the work began, in bytes.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from copr.v3 import Client

PAGE = 100


def configuration(url: str) -> dict[str, str]:
    """A configuration for the service at `url`."""
    return {"copr_url": url, "login": "login", "token": "token", "username": "alice"}


def builds(url: str, count: int) -> None:
    """Ask for `count` builds, one after the other."""
    client = Client(configuration(url))
    for number in range(1, count + 1):
        assert client.build_proxy.get(number).id == number


def legacy_builds(url: str, count: int) -> None:
    """Ask for `count` builds as scripts for API v1 do, one after the other."""
    from copr import CoprClient

    client = CoprClient("alice", "login", "token", url)
    for number in range(1, count + 1):
        assert client.get_build_details(number).status == "succeeded"


def builds_side_by_side(url: str, count: int, connections: int) -> None:
    """Ask for `count` builds at once."""
    found = Client(configuration(url)).build_proxy.get_many(range(1, count + 1), at_once=connections)
    assert [build.id for build in found] == list(range(1, count + 1))


def builds_in_threads(url: str, count: int, connections: int) -> None:
    """Ask for `count` builds as programs do whose client cannot do it at once: in threads."""
    client = Client(configuration(url))
    with ThreadPoolExecutor(connections) as pool:
        found = [build.id for build in pool.map(client.build_proxy.get, range(1, count + 1))]
    assert found == list(range(1, count + 1))


def builds_async(url: str, count: int, connections: int) -> None:
    """Ask for `count` builds at once, from one thread."""
    from copr.v3 import AsyncClient

    async def ask() -> list[int]:
        async with AsyncClient(configuration(url)) as client:
            found = await client.build_proxy.get_many(range(1, count + 1), at_once=connections)
            return [build.id for build in found]

    assert asyncio.run(ask()) == list(range(1, count + 1))


def pages(url: str, count: int, builds: int) -> None:
    """Ask for `count` of a project's `builds`, page after page."""
    client = Client(configuration(url))
    found = sum(len(_page(client, builds, offset)) for offset in range(0, count, PAGE))
    assert found == count


def pages_in_threads(url: str, count: int, builds: int, connections: int) -> None:
    """The same, as programs do whose client cannot do it at once: in threads."""
    client = Client(configuration(url))
    with ThreadPoolExecutor(connections) as pool:
        found = sum(map(len, pool.map(partial(_page, client, builds), range(0, count, PAGE))))
    assert found == count


def pages_unlimited(url: str, builds: int, connections: int) -> None:
    """Go through all of a project's `builds`, as our client does it."""
    from copr.v3 import unlimited

    found = unlimited(_page(Client(configuration(url)), builds, 0), connections=connections)
    assert sum(1 for _ in found) == builds


def _page(client: Client, builds: int, offset: int) -> Any:
    return client.build_proxy.get_list("alice", str(builds), pagination={"limit": PAGE, "offset": offset})


def decode(url: str, count: int) -> None:
    """Ask for `count` builds at once, and read a field of each."""
    found = Client(configuration(url)).build_proxy.get_list("alice", str(count))
    assert sum(build.state == "succeeded" for build in found) == count


def upload(url: str, file: str) -> None:
    """Submit a build of a file."""
    assert Client(configuration(url)).build_proxy.create_from_file("alice", "benchmark", file).id


def download(url: str, size: int, file: str) -> None:
    """Download a file of `size` bytes."""
    Client(configuration(url)).base_proxy.download(f"{url}/results/{size}/package.rpm", file)
    assert Path(file).stat().st_size == size


def download_with_requests(url: str, size: int, file: str) -> None:
    """The same, as programs do whose client has no download: with requests, in the usual blocks."""
    import requests

    with requests.get(f"{url}/results/{size}/package.rpm", stream=True, timeout=60) as response:
        response.raise_for_status()
        with open(file, "wb") as copy:
            for block in response.iter_content(8192):
                copy.write(block)
    assert Path(file).stat().st_size == size


WORKS: dict[str, Callable[..., None]] = {
    work.__name__: work
    for work in (
        builds,
        legacy_builds,
        builds_side_by_side,
        builds_in_threads,
        builds_async,
        pages,
        pages_in_threads,
        pages_unlimited,
        decode,
        upload,
        download,
        download_with_requests,
    )
}


def peak_memory() -> int:
    """The most memory that this process has used so far, in bytes.

    Not `getrusage`: what that tells begins with the memory of the process that started this one.
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


def main() -> None:
    """Do one work."""
    name, parameters, warm_up = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
    builds(warm_up, 1)
    if name == "builds_async":
        builds_async(warm_up, 1, 1)
    if name == "legacy_builds":
        legacy_builds(warm_up, 1)
    before = peak_memory()
    began = time.perf_counter()
    WORKS[name](**parameters)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "peak": peak_memory(), "before": before}))


if __name__ == "__main__":
    main()
