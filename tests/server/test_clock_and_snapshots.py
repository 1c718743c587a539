"""The service's time, as a test sets it; and its state, kept and brought back."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from copr_local import LocalCopr
from copr_local.rules.users import TOKEN_DAYS

URL = "https://example.com/hello-1.0-1.src.rpm"


@pytest.fixture
def copr(scripted_copr: LocalCopr) -> LocalCopr:
    return scripted_copr


def submit(api: Any) -> int:
    body = {"ownername": "local", "projectname": "hello", "pkgs": [URL]}
    build_id: int = api.call("POST", "/build/create/url", body)["items"][0]["id"]
    return build_id


def test_timestamps_and_dates_follow_the_clock(copr: LocalCopr, api: Any) -> None:
    api.project()
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(days=100)
    copr.clock.set(later)
    build = api.wait(submit(api))
    for name in ("submitted_on", "started_on", "ended_on"):
        assert 0 <= build[name] - later.timestamp() < 60
    date = parsedate_to_datetime(api.raw("GET", "/").headers["Date"]).timestamp()
    assert 0 <= date - later.timestamp() < 60
    copr.clock.reset()
    assert abs(copr.clock() - time.time()) < 1


def test_a_time_needs_a_zone(copr: LocalCopr) -> None:
    with pytest.raises(ValueError, match="time zone"):
        copr.clock.set(datetime(2030, 5, 17))
    copr.clock.set(1_900_000_000)
    assert 0 <= copr.clock() - 1_900_000_000 < 60


def test_a_token_works_until_its_last_day(copr: LocalCopr, api: Any) -> None:
    copr.clock.advance(days=TOKEN_DAYS)
    api.get("/auth-check")
    copr.clock.advance(days=1)
    assert "Login invalid/expired" in api.error("GET", "/auth-check", 401)
    copr.clock.advance(days=-1)
    api.get("/auth-check")


def test_a_snapshot_brings_everything_back(copr: LocalCopr, api: Any) -> None:
    api.project()
    api.wait(submit(api))
    before = {path: path.read_bytes() for path in copr.data.glob("results/**/*") if path.is_file()}
    build = api.get("/build/1")
    snapshot = copr.snapshot()
    for _ in range(2):
        copr.script("hello", fails="no")
        copr.faults.status(503)
        copr.clock.advance(days=TOKEN_DAYS - 3)
        copr.add_user("bob")
        api.wait(submit(api))
        api.call("DELETE", "/build/delete/1")
        api.call("POST", "/api-token")
        api.error("GET", "/auth-check", 401)
        copr.restore(snapshot)
        assert api.get("/build/1") == build
        assert api.get("/auth-check")["name"] == "local"
        assert abs(copr.clock() - time.time()) < 1
        after = {path: path.read_bytes() for path in copr.data.glob("results/**/*") if path.is_file()}
        assert after == before
        assert api.wait(submit(api))["state"] == "succeeded"
        assert api.get("/build/2")["id"] == 2
        assert copr.add_user("bob")["username"] == "bob"
        copr.restore(snapshot)


def test_builds_at_work_end_when_a_snapshot_comes_back(copr: LocalCopr, api: Any) -> None:
    api.project()
    empty = copr.snapshot()
    copr.script(takes=3600)
    api.wait(submit(api), "running")
    busy = copr.snapshot()
    copr.restore(empty)
    assert api.get("/build/list", ownername="local", projectname="hello")["items"] == []
    assert api.wait(submit(api))["state"] == "succeeded"
    copr.restore(busy)
    api.wait(1, "running")
    copr.script(takes=0)
    assert api.wait(1)["state"] == "succeeded"


def test_bringing_a_snapshot_back_is_quicker_than_a_new_service(copr: LocalCopr, api: Any) -> None:
    api.project()
    for _ in range(5):
        api.wait(submit(api))
    snapshot = copr.snapshot()
    took = []
    for _ in range(5):
        began = time.monotonic()
        copr.restore(snapshot)
        took.append(time.monotonic() - began)
    assert min(took) < 0.1
