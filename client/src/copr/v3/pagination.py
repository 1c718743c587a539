"""From one page of a listing to the others."""

from __future__ import annotations

from collections.abc import Iterator

from .._drive import drive
from .._list import Item, List
from .._paging import Paging, limit_of, offset_of, with_page
from .._typing import Any
from .._wire import Flow

__all__ = ["all_pages", "next_page", "unlimited"]


def next_page(objects: List[Item]) -> List[Item]:
    """Ask for the page after this one.

    `objects`: a page, as a proxy returned it.

    Returns the next page; an empty one after the last, and after a page that was asked for without a limit.

    Raises what the call of the page raises. Source: the documentation's chapter "Pagination".
    """
    limit = limit_of(objects)
    if not objects or not limit or objects._call is None:
        return List([])
    page: List[Item] = _run(objects, with_page(objects._call, limit, offset_of(objects) + limit))
    page._came_from(objects.__proxy__)
    return page


def all_pages(objects: List[Item]) -> list[Item]:
    """All items from this page on, in one list.

    `objects`: a page, as a proxy returned it. Raises what the call of the page raises.
    """
    return list(unlimited(objects))


def unlimited(objects: List[Item], connections: int = 1) -> Iterator[Item]:
    """All items from this page on, one after the other; the next pages are on their way while one is used.

    `objects`: a page, as a proxy returned it, asked for with a `limit`; `connections`: how many pages to ask
    for at once. No item comes twice, and none is left out, when others are added meanwhile.

    Raises what the call of the page raises.
    """
    paging = Paging(objects)
    if paging.ended:
        yield from objects
        return
    from collections import deque
    from functools import partial

    from .._threads import Threads

    # Twice as many, or a thread would be idle until the page that is next in line has come.
    ahead = 2 * connections if connections > 1 else 1
    threads = Threads(connections)
    try:
        coming = deque(threads.submit(partial(_run, objects, call)) for call in paging.next_calls(ahead))
        yield from paging.fresh(objects)
        while not paging.ended:
            page = coming.popleft().result()
            while not paging.take(page):
                while coming:
                    coming.pop().cancel()
                page = _run(objects, paging.call_again())
            if not paging.ended:
                calls = paging.next_calls(ahead - len(coming))
                coming.extend(threads.submit(partial(_run, objects, call)) for call in calls)
            page._came_from(objects.__proxy__)
            yield from paging.fresh(page)
    finally:
        threads.end()


def _run(objects: List[Any], plan: Flow[Any]) -> Any:
    connection = objects.__proxy__._connection
    return drive(connection.around(plan), connection.transport())
