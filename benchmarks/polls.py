"""Clients that poll builds. A program of its own, so that it does not share an interpreter with the service.

Rules: the arguments are the URL of the service, the number of builds, the number of clients, the interval of
the polls of a client in seconds, and the duration in seconds. Each client keeps its connection. The program
prints one line of JSON: the numbers of `polls` and `errors`, and times of polls in milliseconds: `median`,
`slow` (90 % of the polls were faster) and `slowest`.
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
    """Poll until the end, and return how many polls failed."""
    errors = 0
    await asyncio.sleep(random.uniform(0, interval))  # noqa: S311 - clients start at different times
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
    """Run many clients at once. Each polls one build."""
    took: list[float] = []
    until = time.monotonic() + interval + seconds
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        polls = []
        for client in range(clients):
            polled = f"{url}/api_3/build/{client % builds + 1}"
            polls.append(poll(session, iter(lambda polled=polled: polled, ""), interval, until, took))
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
    service, *numbers = sys.argv[1:]
    builds, clients, interval, seconds = map(float, numbers)
    print(json.dumps(asyncio.run(crowd(service, int(builds), int(clients), interval, seconds))))
