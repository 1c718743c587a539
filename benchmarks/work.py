"""The work that both clients do. A program that is run by the Python of one client or the other.

Rules: it imports the installed client and the standard library only. The arguments are the name of a
function and its parameters as JSON. It prints one line of JSON: `seconds` (the time of the work alone, after
the import and a first call of its kind), `peak` and `before` (peak memory in bytes at the end and before the
work).
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
    """Return a configuration for the service at `url`."""
    return {"copr_url": url, "login": "login", "token": "token", "username": "alice"}


def builds(url: str, count: int) -> None:
    """Get `count` builds, one after the other."""
    client = Client(configuration(url))
    for number in range(1, count + 1):
        assert client.build_proxy.get(number).id == number


def legacy_builds(url: str, count: int) -> None:
    """Get `count` builds over API v1, one after the other."""
    from copr import CoprClient

    client = CoprClient("alice", "login", "token", url)
    for number in range(1, count + 1):
        assert client.get_build_details(number).status == "succeeded"


def builds_side_by_side(url: str, count: int, connections: int) -> None:
    """Get `count` builds over several connections."""
    found = Client(configuration(url)).build_proxy.get_many(range(1, count + 1), at_once=connections)
    assert [build.id for build in found] == list(range(1, count + 1))


def builds_in_threads(url: str, count: int, connections: int) -> None:
    """Get `count` builds in threads, for clients that have no method for many builds."""
    client = Client(configuration(url))
    with ThreadPoolExecutor(connections) as pool:
        found = [build.id for build in pool.map(client.build_proxy.get, range(1, count + 1))]
    assert found == list(range(1, count + 1))


def builds_async(url: str, count: int, connections: int) -> None:
    """Get `count` builds over several connections, from one thread."""
    from copr.v3 import AsyncClient

    async def ask() -> list[int]:
        async with AsyncClient(configuration(url)) as client:
            found = await client.build_proxy.get_many(range(1, count + 1), at_once=connections)
            return [build.id for build in found]

    assert asyncio.run(ask()) == list(range(1, count + 1))


def pages(url: str, count: int, builds: int) -> None:
    """Get the first `count` of the `builds` of a project, page after page."""
    client = Client(configuration(url))
    found = sum(len(_page(client, builds, offset)) for offset in range(0, count, PAGE))
    assert found == count


def pages_in_threads(url: str, count: int, builds: int, connections: int) -> None:
    """Get `count` builds in pages in threads, for clients that have no method for it."""
    client = Client(configuration(url))
    with ThreadPoolExecutor(connections) as pool:
        found = sum(map(len, pool.map(partial(_page, client, builds), range(0, count, PAGE))))
    assert found == count


def pages_unlimited(url: str, builds: int, connections: int) -> None:
    """Get all `builds` of a project with `unlimited`."""
    from copr.v3 import unlimited

    found = unlimited(_page(Client(configuration(url)), builds, 0), connections=connections)
    assert sum(1 for _ in found) == builds


def _page(client: Client, builds: int, offset: int) -> Any:
    return client.build_proxy.get_list("alice", str(builds), pagination={"limit": PAGE, "offset": offset})


def decode(url: str, count: int) -> None:
    """Get `count` builds in one response, and read a field of each."""
    found = Client(configuration(url)).build_proxy.get_list("alice", str(count))
    assert sum(build.state == "succeeded" for build in found) == count


def upload(url: str, file: str) -> None:
    """Submit a build with a file."""
    assert Client(configuration(url)).build_proxy.create_from_file("alice", "benchmark", file).id


def download(url: str, size: int, file: str) -> None:
    """Download a file of `size` bytes."""
    Client(configuration(url)).base_proxy.download(f"{url}/results/{size}/package.rpm", file)
    assert Path(file).stat().st_size == size


def download_with_requests(url: str, size: int, file: str) -> None:
    """Download a file with requests in blocks of 8 kB, for clients that have no method for downloads."""
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
    """Return the peak memory of this process, in bytes.

    `getrusage` is not used: its value starts with the memory of the parent process.
    """
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


def main() -> None:
    """Run one function, and print its time and memory."""
    name, parameters, warm_up = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
    builds(warm_up, 1)
    if name == "builds_async":
        builds_async(warm_up, 1, 1)
    if name == "legacy_builds":
        legacy_builds(warm_up, 1)
    if "file" in parameters:
        small = Path(parameters["file"]).with_name("small.src.rpm")
        if name == "upload":
            small.write_bytes(b"small")
            upload(warm_up, str(small))
        else:
            WORKS[name](warm_up, 1, str(small))
        small.unlink()
    before = peak_memory()
    began = time.perf_counter()
    WORKS[name](**parameters)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "peak": peak_memory(), "before": before}))


if __name__ == "__main__":
    main()
