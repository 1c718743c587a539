"""Cached responses are never older than the database, also when another process changed it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from other_process import change, opened
from sqlalchemy import event, text

from copr_local import LocalCopr


@pytest.fixture
def build_id(copr: LocalCopr, api: Any, submit: Any, script: Any) -> int:
    api.project()
    script.hold()
    number: int = submit()["id"]
    api.wait(number, "running")
    return number


def test_the_database_is_asked_once_while_nothing_changes(copr: LocalCopr, api: Any, build_id: int) -> None:
    queries: list[str] = []
    here = threading.get_ident()

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if threading.get_ident() == here:
            queries.append(statement)

    with copr.database.reading() as tx:
        event.listen(tx.session.get_bind(), "before_cursor_execute", count)
    first = api.get(f"/build/{build_id}")
    queries.clear()
    assert [api.get(f"/build/{build_id}") for _ in range(10)] == [first] * 10
    assert queries == []


def test_a_change_is_seen_at_once(api: Any, build_id: int) -> None:
    assert api.get(f"/build/{build_id}")["state"] == "running"
    api.call("PUT", f"/build/cancel/{build_id}")
    assert api.get(f"/build/{build_id}")["state"] == "canceled"
    api.until(lambda: api.raw("DELETE", f"/build/delete/{build_id}").status_code == 200)
    api.get(f"/build/{build_id}", expect=404)


def test_a_change_by_another_process_is_seen_at_once(copr: LocalCopr, api: Any, build_id: int) -> None:
    for background in (True, False, True):
        change(copr.data, "UPDATE build SET is_background = :value", value=background)
        assert api.get(f"/build/{build_id}")["is_background"] is background


def test_what_is_not_there_yet_is_not_kept(api: Any, build_id: int, submit: Any) -> None:
    api.get(f"/build/{build_id + 1}", expect=404)
    submit()
    assert api.get(f"/build/{build_id + 1}")["id"] == build_id + 1


def test_readers_never_see_an_older_state_than_a_writer_was_told(
    copr: LocalCopr, api: Any, build_id: int
) -> None:
    wrong: list[tuple[int, int]] = []
    written = 0
    over = threading.Event()

    def read() -> None:
        while not over.is_set():
            known = written
            seen = api.get(f"/build/{build_id}")["submitted_on"]
            if seen < known:
                wrong.append((known, seen))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    update = text("UPDATE build SET submitted_on = :time")
    with opened(copr.data) as other:
        for number in range(2_000_000_000, 2_000_000_200):
            with other.writing() as tx:
                tx.session.execute(update, {"time": number})
            written = number
    over.set()
    for reader in readers:
        reader.join()
    assert wrong == []
