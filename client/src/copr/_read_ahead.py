"""Reading a listing to its end, with the next pages already requested while one is used.

Rules: sends nothing and waits for nothing. The blocking `unlimited` starts calls in threads, the async one
starts tasks. The order of calls and items is decided here, once for both. Most listings are short: one page
is requested first, and more at once only if that page is full. A page after the end of the listing, which
some other page has shown by then, is not requested.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ._list import List
from ._paging import Paging, limit_of
from ._typing import Any, Generic, Protocol, TypeVar
from ._wire import Call


class Future(Protocol):
    """A requested page: the future of a thread, or a task."""

    def cancel(self) -> Any:
        """Cancel the request if it has not been sent yet."""


Coming = TypeVar("Coming", bound=Future)


class ReadAhead(Generic[Coming]):
    """The pages after the first one of a listing, requested before they are needed.

    `ahead`: how many pages to request in advance; `start`: starts a call and returns its future.
    """

    def __init__(self, paging: Paging, ahead: int, start: Callable[[Call[Any]], Coming]) -> None:
        self._paging = paging
        self._ahead = ahead
        self._start = start
        self._coming: deque[tuple[Call[Any], Coming]] = deque()
        self._end: int | None = None

    def begin(self, page: List[Any]) -> list[Any]:
        """Request the page after `page`, and return the items of `page`."""
        self._request(self._paging.next_calls(1))
        return self._paging.fresh(page)

    def is_needed(self, call: Call[Any]) -> bool:
        """Return False if the page of a call is after the end of the listing. Any thread may ask."""
        end = self._end
        return end is None or call.query["offset"] <= end

    def arrived(self, call: Call[Any], page: List[Any]) -> None:
        """Take note that a page has arrived, perhaps before its turn. Any thread may say so."""
        if len(page) < limit_of(page) and any(call is coming for coming, _ in list(self._coming)):
            self._end = call.query["offset"]

    def next_page(self) -> Coming | None:
        """Return the future of the next page, or None after the last page."""
        return None if self._paging.ended else self._coming.popleft()[1]

    def take(self, page: List[Any]) -> list[Any]:
        """Return the new items of the next page.

        If the page does not overlap the one before it, return nothing and request a page further to the
        front.
        """
        if not self._paging.take(page):
            self.cancel()
            self._end = None
            self._request([self._paging.call_again()])
            return []
        if not self._paging.ended:
            self._request(self._paging.next_calls(self._ahead - len(self._coming)))
        return self._paging.fresh(page)

    def cancel(self) -> None:
        """Cancel the requests whose pages are not needed any more."""
        while self._coming:
            self._coming.pop()[1].cancel()

    def _request(self, calls: list[Call[Any]]) -> None:
        for call in calls:
            self._coming.append((call, self._start(call)))
