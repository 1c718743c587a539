"""From one page of a listing to the others, for pages that an async proxy returned.

Rules: which call comes next, and which items are new, is decided in `_paging` and `_read_ahead`, as for the
blocking client.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from ..._drive import arun
from ..._list import Item, List
from ..._paging import Paging, next_call
from ..._read_ahead import ReadAhead

__all__ = ["all_pages", "next_page", "unlimited"]


async def next_page(objects: List[Item]) -> List[Item]:
    """Ask for the page after this one: `copr.v3.next_page` for a page that an async proxy returned."""
    call = next_call(objects)
    return List([]) if call is None else await arun(objects.__proxy__, call)


async def all_pages(objects: List[Item]) -> list[Item]:
    """All items from this page on, in one list."""
    return [item async for item in unlimited(objects)]


async def unlimited(objects: List[Item], connections: int = 1) -> AsyncIterator[Item]:
    """All items from this page on: `copr.v3.unlimited` for a page that an async proxy returned."""
    paging = Paging(objects)
    if paging.ended:
        for item in objects:
            yield item
        return
    reading = ReadAhead(
        paging, connections, lambda call: asyncio.ensure_future(arun(objects.__proxy__, call))
    )
    try:
        for item in reading.begin(objects):
            yield item
        while (coming := reading.next_page()) is not None:
            for item in reading.take(await coming):
                yield item
    finally:
        reading.cancel()
