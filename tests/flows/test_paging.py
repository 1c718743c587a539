"""Paging returns every item that exists all the time once, whatever is added in between."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import run

from copr._calls import listing
from copr._list import List
from copr._paging import Paging, with_page
from copr._read_ahead import ReadAhead
from copr._wire import Call, Reply
from copr.v3 import BuildProxy, unlimited


class Listing:
    """A listing of the service that changes between two requests."""

    def __init__(self, count, *, newest_first, ordered_by="id"):
        self.items = [{"id": number, "name": f"n{number}"} for number in range(1, count + 1)]
        self.newest_first = newest_first
        self.ordered_by = ordered_by
        self.events = []

    def add(self):
        number = self.items[-1]["id"] + 1 if self.items else 1
        self.items.append({"id": number, "name": f"n{number}"})

    def remove(self, chance):
        if self.items:
            self.items.pop(int(chance * len(self.items)))

    def __call__(self, call):
        query = dict(parse_qsl(urlsplit(call.target()).query))
        limit, offset = int(query["limit"]), int(query["offset"])
        shown = self.items[::-1] if self.newest_first else self.items
        meta = {"limit": limit, "offset": offset, "order": self.ordered_by, "order_type": "ASC"}
        body = json.dumps({"items": shown[offset : offset + limit], "meta": meta})
        if self.events:
            self.events.pop(0)(self)
        return Reply(200, "OK", "http://service/", {}, body.encode())


class Answered:
    """A page that was returned as soon as it was requested."""

    def __init__(self, page, cancelled):
        self.page = page
        self.cancel = lambda: cancelled.append(page)


def reading_of(paging, service, connections):
    """Return a reading with `connections` pages requested ahead, and the pages that it cancels."""
    cancelled = []
    return ReadAhead(paging, connections, lambda call: Answered(run(call, service), cancelled)), cancelled


def rest_of(reading, first):
    """Return the items of each page, the first page's first, in the way `unlimited` does."""
    yield reading.begin(first)
    for _ in range(500):
        if (coming := reading.next_page()) is None:
            return
        yield reading.take(coming.page)


def read_all(service, limit, connections):
    call = Call("GET", "/build/list", decode=listing)
    first = run(with_page(call, limit, 0), service)
    paging = Paging(first)
    if paging.ended:
        return [item["id"] for item in first]
    reading, _ = reading_of(paging, service, connections)
    items = [item["id"] for page in rest_of(reading, first) for item in page]
    assert paging.ended
    return items


orders = st.sampled_from(
    [{"newest_first": True}, {"newest_first": False}, {"newest_first": True, "ordered_by": "name"}]
)


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(1, 9), st.integers(1, 5), orders)
def test_a_quiet_listing_is_read_whole_and_in_order(count, limit, connections, order):
    service = Listing(count, **order)
    expected = [item["id"] for item in (service.items[::-1] if order["newest_first"] else service.items)]
    assert read_all(service, limit, connections) == expected


added = st.lists(st.integers(0, 12), max_size=30)


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(2, 9), st.integers(1, 5), orders, added)
def test_additions_make_neither_duplicates_nor_holes(count, limit, connections, order, additions):
    service = Listing(count, **order)
    there = {item["id"] for item in service.items}
    service.events = [lambda listing, n=n: [listing.add() for _ in range(n)] for n in additions]
    read = read_all(service, limit, connections)
    assert len(read) == len(set(read))
    assert there <= set(read)


@settings(deadline=None)
@given(st.integers(0, 60), st.integers(2, 9), st.integers(1, 5), st.lists(st.floats(0, 0.99), max_size=12))
def test_removals_make_no_duplicates(count, limit, connections, removals):
    service = Listing(count, newest_first=True)
    service.events = [lambda listing, chance=chance: listing.remove(chance) for chance in removals]
    read = read_all(service, limit, connections)
    assert len(read) == len(set(read))


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("removed", [1, 3, 12])
@pytest.mark.parametrize("limit", [2, 10])
def test_removals_from_pages_that_were_read_leave_no_hole(newest_first, removed, limit):
    service = Listing(60, newest_first=newest_first)
    front = -1 if newest_first else 0
    service.events = [lambda listing: [listing.items.pop(front) for _ in range(removed)]]
    read = read_all(service, limit, 1)
    assert {item["id"] for item in service.items} <= set(read)
    assert len(read) == len(set(read))


def test_a_page_that_does_not_join_is_requested_once_more_and_then_pages_before_it():
    service, requested = Listing(60, newest_first=True), []

    def remove(listing):
        del listing.items[-12:]

    service.events = [remove, *[lambda listing: None] * 4, remove]

    def send(call):
        requested.append(call.query["offset"])
        return service(call)

    read_all(send, 10, 1)
    assert requested == [0, 9, 9, 0, 9, 18, 27, 27, 18, 9, 18, 27]


def test_pages_that_were_answered_in_another_order_leave_no_hole():
    service = Listing(100, newest_first=True)
    call = Call("GET", "/build/list", decode=listing)
    first = run(with_page(call, 10, 0), service)
    answers = {}

    def late_first(asked):
        # The response to the first page comes last, after five builds were added.
        offset = asked.query["offset"]
        if not answers:
            for other in (18, 27):
                answers[other] = service(with_page(asked, 10, other))
            for _ in range(5):
                service.add()
        return answers.pop(offset, None) or service(asked)

    reading, cancelled = reading_of(Paging(first), late_first, 3)
    seen = [item["id"] for page in rest_of(reading, first) for item in page]
    assert seen[-1] == 1
    assert set(range(1, 101)) <= set(seen)
    assert cancelled, "what was requested beyond a page that does not join is void"


@pytest.mark.parametrize("connections", [1, 3])
def test_pages_are_requested_ahead_and_no_more_of_them_than_asked_for(connections):
    service = Listing(100, newest_first=True)
    first = run(with_page(Call("GET", "/build/list", decode=listing), 10, 0), service)
    started = []
    reading = ReadAhead(Paging(first), connections, lambda call: started.append(call) or call)
    reading.begin(first)
    assert [call.query["offset"] for call in started] == [9], "most listings are short"
    reading.take(run(reading.next_page(), service))
    assert [call.query["offset"] for call in started] == [9, 18, 27, 36][: connections + 1]


@pytest.mark.parametrize(("count", "needed"), [(100, 2), (150, 2), (20_000, 203)])
def test_hardly_a_page_is_requested_after_the_end(count, needed):
    connections, service = 16, Listing(count, newest_first=True)
    proxy, requested = BuildProxy({"copr_url": "http://127.0.0.1"}), []

    def send(call):
        requested.append(call.query["offset"])
        return service(call)

    proxy._connection._transport = send
    first = proxy.get_list("alice", "hello", pagination={"limit": 100, "offset": 0})
    assert sum(1 for _ in unlimited(first, connections=connections)) == count
    assert len(requested) == len(set(requested))
    # Those that were under way when the last page arrived.
    assert needed <= len(requested) <= (needed if needed == 2 else needed + connections)


def test_an_end_that_was_seen_before_pages_were_requested_again_is_no_end():
    service = Listing(100, newest_first=True)
    first = run(with_page(Call("GET", "/build/list", decode=listing), 10, 0), service)
    started = []
    reading = ReadAhead(Paging(first), 3, lambda call: started.append(call) or Answered(call, []))
    reading.begin(first)
    reading.take(run(reading.next_page().page, service))
    stale = started[-1]
    reading.next_page()
    reading.take(List([{"id": 1}] * 10, meta=first.meta))  # which does not join
    reading.arrived(stale, List([]))
    assert reading.is_needed(with_page(stale, 10, 1000))


@pytest.mark.parametrize(
    ("count", "limit", "newest_first"), [(2000, 100, True), (2000, 100, False), (20, 2, True), (20, 2, False)]
)
def test_only_the_last_id_of_an_ordered_listing_is_remembered(count, limit, newest_first):
    service = Listing(count, newest_first=newest_first)
    call = Call("GET", "/build/list", decode=listing)
    first = run(with_page(call, limit, 0), service)
    paging = Paging(first)
    reading, _ = reading_of(paging, service, 4)
    assert len([*rest_of(reading, first)]) > 1
    assert not paging._seen


def test_what_has_no_id_in_a_listing_by_ids_is_new():
    call = Call("GET", "/build/list", decode=listing)
    meta = {"limit": 2, "offset": 0, "order": "id"}
    paging = Paging(List([{"id": 3}, {"id": 2}], meta=meta, call=call))
    assert paging.fresh(List([{"id": 2}, {"name": "x"}])) == [{"id": 2}, {"name": "x"}]


def test_a_page_without_a_limit_is_the_whole_listing():
    reply = Reply(200, "OK", "http://service/", {}, b'{"items": [{"id": 1}], "meta": {"limit": null}}')
    call = Call("GET", "/build/list", decode=listing)
    assert Paging(listing(call, reply)).ended


def page_of(*items, order="name"):
    """Return a page of a longer listing, with these items."""
    call = Call("GET", "/package/list", decode=listing)
    return List(items, meta={"limit": len(items), "offset": 0, "order": order}, call=call)


def test_items_without_an_id_are_known_by_their_names():
    page = page_of({"name": "a"}, {"name": "b"})
    paging = Paging(page)
    assert paging.fresh(page) == [{"name": "a"}, {"name": "b"}]
    assert paging.fresh(page_of({"name": "b"}, {"name": "c"})) == [{"name": "c"}]


def test_items_of_one_name_with_two_ids_are_two_items():
    page = page_of({"id": 1, "name": "a"}, {"id": 2, "name": "a"})
    assert Paging(page).fresh(page) == page


def test_items_that_cannot_be_told_apart_are_all_new():
    page = page_of("a", "a", {"x": 1}, {"x": 1})
    assert Paging(page).fresh(page) == page


def test_items_out_of_the_order_that_the_service_names_all_come():
    page = page_of({"id": 2}, {"id": 3}, {"id": 1}, order="id")
    assert Paging(page).fresh(page) == page


def test_the_next_pages_of_a_listing_that_needs_login_need_login_too():
    call = Call("GET", "/build/list", decode=listing)
    assert with_page(call.with_login(), 10, 0).login
    assert not with_page(call, 10, 0).login


def test_a_page_without_a_description_of_itself_is_the_whole_listing():
    page = page_of({"id": 1})
    page.meta = None
    assert Paging(page).ended
