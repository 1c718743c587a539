"""From one page of a listing to the others."""

from __future__ import annotations

from collections.abc import Iterator

from .._drive import run
from .._list import Item, List
from .._paging import Paging, next_call

__all__ = ["all_pages", "next_page", "unlimited"]


def next_page(objects: List[Item]) -> List[Item]:
    """Ask for the page after this one.

    `objects`: a page, as a proxy returned it.

    Returns the next page; an empty one after the last, and after a page that was asked for without a limit.

    Raises what the call of the page raises. Source: the documentation's chapter "Pagination".
    """
    call = next_call(objects)
    return List([]) if call is None else run(objects.__proxy__, call)


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
    from functools import partial

    from .._read_ahead import ReadAhead
    from .._threads import Threads

    proxy = objects.__proxy__
    threads = Threads(connections)
    # Twice as many, or a thread would be idle until the page that is next in line has come.
    ahead = 2 * connections if connections > 1 else 1
    reading = ReadAhead(paging, ahead, lambda call: threads.submit(partial(run, proxy, call)))
    try:
        yield from reading.begin(objects)
        while (coming := reading.next_page()) is not None:
            yield from reading.take(coming.result())
    finally:
        threads.end()
