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
    """A page that was requested: a thread's future or a task."""

    def cancel(self) -> Any:
        """Give the request up, if it has not been sent yet."""


Coming = TypeVar("Coming", bound=Future)


class ReadAhead(Generic[Coming]):
    """The pages after the one that `paging` began with.

    `ahead`: how many pages are requested before they are needed; `start`: begins a call, and returns what
    its page can be waited for with.
    """

    def __init__(self, paging: Paging, ahead: int, start: Callable[[Call[Any]], Coming]) -> None:
        self._paging = paging
        self._ahead = ahead
        self._start = start
        self._coming: deque[Coming] = deque()

    def begin(self, page: List[Any]) -> list[Any]:
        """Request the first pages after `page`, and return its items."""
        self._request()
        return self._paging.fresh(page)

    def next_page(self) -> Coming | None:
        """Return the page to wait for now, or None after the last one."""
        return None if self._paging.ended else self._coming.popleft()

    def take(self, page: List[Any]) -> list[Any]:
        """Return the items of the page that was waited for, as far as they are new.

        None where it does not join the page before it: then a page further to the front is requested, and
        what was requested beyond it is void.
        """
        if not self._paging.take(page):
            self.cancel()
            self._coming.append(self._start(self._paging.call_again()))
            return []
        if not self._paging.ended:
            self._request()
        return self._paging.fresh(page)

    def cancel(self) -> None:
        """Cancel what was requested and is no longer needed."""
        while self._coming:
            self._coming.pop().cancel()

    def _request(self) -> None:
        self._coming.extend(map(self._start, self._paging.next_calls(self._ahead - len(self._coming))))
