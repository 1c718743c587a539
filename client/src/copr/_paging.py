"""Reading a listing page by page, while it changes.

Rules: sends nothing; it says which calls come next and which items are new. A listing has no total, and it
shifts: an item that is added at the front pushes others to a later page. So each page overlaps the one before
it by one item. If two pages do not overlap, there may be a hole between them, and a page further to the front
is requested. Items that were seen before are left out. For a listing that is ordered by id, only the last id
is remembered.
"""

from __future__ import annotations

from collections.abc import Mapping

from ._list import List
from ._typing import Any
from ._wire import Call


class Paging:
    """A listing from `page` on; if the page has no `limit`, it is the whole listing."""

    def __init__(self, page: List[Any]) -> None:
        self._call = page._call
        self._limit = limit_of(page)
        self._step = max(self._limit - 1, 1)  # one less than the limit: pages overlap by one item
        self._offset = self._asked = offset_of(page) + self._step
        self._back = 0
        self._before = _keys(page)
        self.ended = self._call is None or not self._limit or len(page) < self._limit
        self._descending = _is_descending(page)
        self._last_id: int | None = None
        self._seen: set[Any] = set()

    def next_calls(self, count: int) -> list[Call[Any]]:
        """Return the calls for the next `count` pages, which can be sent in parallel."""
        calls = [self._page_at(self._asked + place * self._step) for place in range(count)]
        self._asked += count * self._step
        return calls

    def take(self, page: List[Any]) -> bool:
        """Continue after the next page; return False if it does not overlap the page before it."""
        # The page at the front of the listing has no page before it to overlap with.
        if self._offset > 0 and not self._joins(page):
            return False
        self._before = _keys(page)
        self._offset += self._step
        self._back = 0
        self.ended = len(page) < self._limit
        return True

    def call_again(self) -> Call[Any]:
        """Return the call to send after a page that does not overlap.

        First it is the same page again, then pages further and further to the front. Pages that were
        requested beyond it are of no use any more.
        """
        self._offset = max(self._offset - self._back, 0)
        self._asked = self._offset + self._step
        self._back = self._step
        return self._page_at(self._offset)

    def fresh(self, page: List[Any]) -> list[Any]:
        """Return the items of a page that were not on a page before it."""
        return [item for item in page if self._is_new(item)]

    def _page_at(self, offset: int) -> Call[Any]:
        assert self._call is not None, "a listing that has ended has no next page"
        return with_page(self._call, self._limit, offset)

    def _joins(self, page: List[Any]) -> bool:
        # Pages of one item cannot overlap; items without ids cannot be compared.
        return self._step == self._limit or not self._before or not self._before.isdisjoint(_keys(page))

    def _is_new(self, item: Any) -> bool:
        if self._descending is not None and isinstance(this := item.get("id"), int):
            last = self._last_id
            # Ids only rise or fall here, so everything on the wrong side of the last one was seen before.
            if last is not None and (this >= last if self._descending else this <= last):
                return False
            self._last_id = this
            return True
        key = _key(item)
        if key is None:
            return True
        is_new = key not in self._seen
        self._seen.add(key)
        return is_new


def next_call(page: List[Any]) -> Call[Any] | None:
    """Return the call for the page after this one, or None if there is no next page."""
    limit = limit_of(page)
    if not page or not limit or page._call is None:
        return None
    return with_page(page._call, limit, offset_of(page) + limit)


def with_page(call: Call[Any], limit: int, offset: int) -> Call[Any]:
    """Return a listing's call for another page."""
    query = {**call.query, "limit": limit, "offset": offset}
    return Call(call.method, call.path, query=query, login=call.login, decode=call.decode)


def limit_of(page: List[Any]) -> int:
    """Return how many items a page may have, or 0 for no limit."""
    return int(_meta(page).get("limit") or 0)


def offset_of(page: List[Any]) -> int:
    """Return how many items of the listing come before a page."""
    return int(_meta(page).get("offset") or 0)


def _meta(page: List[Any]) -> Mapping[str, Any]:
    meta: Any = page.meta  # a page that a program has made may have none
    return meta if isinstance(meta, dict) else {}


def _key(item: Any) -> Any:
    return item.get("id", item.get("name")) if isinstance(item, dict) else None


def _keys(page: List[Any]) -> set[Any]:
    return {key for key in map(_key, page) if key is not None}


def _is_descending(page: List[Any]) -> bool | None:
    """Return whether the ids of a page descend, or None if it is not ordered by id or this is not known."""
    if _meta(page).get("order") != "id":
        return None
    ids: list[Any] = [item.get("id") for item in page if isinstance(item, dict)]
    if len(ids) < 2 or not all(isinstance(each, int) for each in ids):
        return None
    if ids == sorted(ids, reverse=True):
        return True
    return False if ids == sorted(ids) else None
