"""From one page of a listing to the others."""

from __future__ import annotations

from collections.abc import Iterator

from .._drive import run
from .._late import released_names
from .._list import Item, List
from .._paging import Paging, next_call
from .._typing import TYPE_CHECKING, Any, evaluable

if TYPE_CHECKING:
    from .._wire import Call

__all__ = ["all_pages", "next_page", "unlimited"]


def next_page(objects: List[Item]) -> List[Item]:
    """Return the page after this one.

    :param objects: a page, as a proxy returned it.
    :returns: the next page. It is empty after the last page, and after a page that was requested without a
        limit.
    :raises CoprRequestException: the service reports an error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: chapter "Pagination" of the released documentation
    """
    call = next_call(objects)
    return List([]) if call is None else run(objects.__proxy__, call)


def all_pages(objects: List[Item]) -> list[Item]:
    """Return all items from this page on, in one list.

    :param objects: a page, as a proxy returned it.
    :returns: the items of this page and of all pages after it.
    :raises CoprRequestException: the service reports an error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    """
    return list(unlimited(objects))


def unlimited(objects: List[Item], connections: int = 1) -> Iterator[Item]:  # noqa: DOC405 - ends early
    """Yield all items from this page on, and request the next pages while one is used.

    Each item comes exactly once, even if other items are added meanwhile.

    :param objects: a page, as a proxy returned it. Without a `limit` in its request, it has all items.
    :param connections: largest number of pages that are requested in parallel.
    :returns: an iterator over the items.
    :raises CoprRequestException: the service reports an error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    """
    paging = Paging(objects)
    if paging.ended:
        yield from objects
        return
    from .._read_ahead import ReadAhead
    from .._threads import Threads, result

    proxy = objects.__proxy__
    threads = Threads(connections)
    # With fewer pages, a thread would be idle until the page that is next in line has arrived.
    ahead = 2 * connections if connections > 1 else 1

    def request(call: Call[Any]) -> List[Item]:
        if not reading.is_needed(call):
            return List([])
        page: List[Item] = run(proxy, call)
        reading.arrived(call, page)
        return page

    reading = ReadAhead(paging, ahead, lambda call: threads.submit(lambda: request(call)))
    try:
        yield from reading.begin(objects)
        while (coming := reading.next_page()) is not None:
            yield from reading.take(result(coming))
    finally:
        threads.end()


evaluable(__name__)

__getattr__ = released_names(__name__)
