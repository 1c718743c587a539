"""Clients that poll builds: a program of its own, so that it does not share an interpreter with the service.

Rules: its arguments are the service's address, how many builds there are, how many clients, the seconds
between two polls of a client, and for how many seconds all of it. Each client keeps its connection. It prints
one line of JSON: how many polls, `errors`, and the milliseconds that polls took: `median`, `slow` (a tenth
took longer), `slowest`.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterator

import aiohttp


async def poll(
    session: aiohttp.ClientSession, urls: Iterator[str], interval: float, until: float, took: list[float]
) -> int:
    """Poll until the end; the answer is how many polls failed."""
    errors = 0
    await asyncio.sleep(random.uniform(0, interval))  # noqa: S311 - clients do not begin together
    for url in urls:
        began = time.monotonic()
        if began >= until:
            break
        try:
            async with session.get(url) as answer:
                await answer.json()
                errors += answer.status != 200
        except (aiohttp.ClientError, TimeoutError):
            errors += 1
        took.append(1000 * (time.monotonic() - began))
        await asyncio.sleep(max(0.0, began + interval - time.monotonic()))
    return errors


async def crowd(url: str, builds: int, clients: int, interval: float, seconds: float) -> dict[str, float]:
    """Many clients at once, each with a build of its own to look at."""
    took: list[float] = []
    until = time.monotonic() + interval + seconds
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        polls = []
        for number in range(clients):
            address = f"{url}/api_3/build/{number % builds + 1}"
            polls.append(poll(session, iter(lambda address=address: address, ""), interval, until, took))
        errors = sum(await asyncio.gather(*polls))
    took.sort()
    return {
        "polls": len(took),
        "errors": errors,
        "median": took[len(took) // 2],
        "slow": took[len(took) * 9 // 10],
        "slowest": took[-1],
    }


if __name__ == "__main__":
    address, *numbers = sys.argv[1:]
    builds, clients, interval, seconds = map(float, numbers)
    print(json.dumps(asyncio.run(crowd(address, int(builds), int(clients), interval, seconds))))
