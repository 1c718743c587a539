"""From one page of a listing to the others, for pages that an async proxy returned.

Rules: `_paging` and `_read_ahead` decide which call comes next and which items are new, as for the blocking
client.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from ..._drive import arun
from ..._list import Item, List
from ..._paging import Paging, next_call
from ..._read_ahead import ReadAhead
from ..._typing import evaluable

if TYPE_CHECKING:
    from ..._wire import Call

__all__ = ["all_pages", "next_page", "unlimited"]


async def next_page(objects: List[Item]) -> List[Item]:
    """Return the page after this one: `copr.v3.next_page` for the async client.

    :param objects: a page, as an async proxy returned it.
    :returns: the next page. It is empty after the last page, and after a page that was requested without a
        limit.
    :raises CoprRequestException: the service reports an error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    """
    call = next_call(objects)
    return List([]) if call is None else await arun(objects.__proxy__, call)


async def all_pages(objects: List[Item]) -> list[Item]:
    """Return all items from this page on, in one list.

    :param objects: a page, as an async proxy returned it.
    :returns: the items of this page and of all pages after it.
    :raises CoprRequestException: the service reports an error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    """
    return [item async for item in unlimited(objects)]


async def unlimited(objects: List[Item], connections: int = 1) -> AsyncIterator[Item]:  # noqa: DOC405 - ends early
    """Yield all items from this page on: `copr.v3.unlimited` for the async client.

    Each item comes exactly once, even if other items are added meanwhile.

    :param objects: a page, as an async proxy returned it, requested with a `limit`.
    :param connections: largest number of pages that are requested in parallel.
    :returns: an async iterator over the items.
    :raises CoprRequestException: the service reports an error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    """
    paging = Paging(objects)
    if paging.ended:
        for item in objects:
            yield item
        return

    async def request(call: Call[Any]) -> List[Item]:
        page: List[Item] = await arun(objects.__proxy__, call)
        reading.arrived(call, page)
        return page

    reading = ReadAhead(paging, connections, lambda call: asyncio.ensure_future(request(call)))
    try:
        for item in reading.begin(objects):
            yield item
        while (coming := reading.next_page()) is not None:
            for item in reading.take(await coming):
                yield item
    finally:
        reading.cancel()


evaluable(__name__)
