"""Reading a listing to its end, with the next pages already requested while one is used.

Rules: sends nothing and waits for nothing. The blocking `unlimited` starts calls in threads, the async one
starts tasks. The order of calls and items is decided here, once for both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ._list import List
from ._paging import Paging
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
        self._coming: deque[Coming] = deque()

    def begin(self, page: List[Any]) -> list[Any]:
        """Request the first pages after `page`, and return the items of `page`."""
        self._request()
        return self._paging.fresh(page)

    def next_page(self) -> Coming | None:
        """Return the future of the next page, or None after the last page."""
        return None if self._paging.ended else self._coming.popleft()

    def take(self, page: List[Any]) -> list[Any]:
        """Return the new items of the next page.

        If the page does not overlap the one before it, return nothing and request a page further to the
        front.
        """
        if not self._paging.take(page):
            self.cancel()
            self._coming.append(self._start(self._paging.call_again()))
            return []
        if not self._paging.ended:
            self._request()
        return self._paging.fresh(page)

    def cancel(self) -> None:
        """Cancel the requests whose pages are not needed any more."""
        while self._coming:
            self._coming.pop().cancel()

    def _request(self) -> None:
        self._coming.extend(map(self._start, self._paging.next_calls(self._ahead - len(self._coming))))
