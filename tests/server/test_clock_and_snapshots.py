"""The time of the service, which a test sets; and its state, which a test stores and restores."""

from __future__ import annotations

import gzip
import itertools
import math
import shutil
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from copr_local import LocalCopr
from copr_local.builders.log import add_line
from copr_local.rules import users
from copr_local.rules.users import TOKEN_DAYS

URL = "https://example.com/hello-1.0-1.src.rpm"


@pytest.fixture
def copr(scripted_copr: LocalCopr) -> LocalCopr:
    return scripted_copr


def submit(api: Any) -> int:
    body = {"ownername": "local", "projectname": "hello", "pkgs": [URL]}
    build_id: int = api.call("POST", "/build/create/url", body)["items"][0]["id"]
    return build_id


def published(copr: LocalCopr) -> dict[Path, bytes]:
    """Return the published files; hidden ones are locks and working folders."""
    found = [path for path in copr.data.glob("results/**/[!.]*") if path.is_file()]
    return {path: path.read_bytes() for path in found}


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


def test_a_clock_that_goes_back_stops_nothing_and_loses_nothing(copr: LocalCopr, api: Any) -> None:
    api.project(delete_after_days=400)
    first = submit(api)
    api.wait(first)
    copr.script(takes=60)
    second = submit(api)
    api.wait(second, "running")
    copr.clock.advance(days=-300)
    copr.script(takes=0)
    assert api.wait(second)["state"] == "succeeded"
    third = submit(api)
    assert api.wait(third)["state"] == "succeeded"
    listed = api.get("/build/list", ownername="local", projectname="hello")["items"]
    assert [build["id"] for build in listed] == [third, second, first]
    [package] = api.get("/monitor", ownername="local", projectname="hello")["packages"]
    assert {chroot["build_id"] for chroot in package["chroots"].values()} == {third}
    assert api.get("/auth-check")["name"] == "local"


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
    before = published(copr)
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
        after = published(copr)
        assert after == before
        assert api.wait(submit(api))["state"] == "succeeded"
        assert api.get("/build/2")["id"] == 2
        assert copr.add_user("bob")["username"] == "bob"
        copr.restore(snapshot)


def test_files_that_differ_from_a_snapshot_are_replaced(copr: LocalCopr) -> None:
    results = copr.data / "results"
    for name in ("kept", "changed", "removed", "folder/inside", "file"):
        (results / name).parent.mkdir(exist_ok=True)
        (results / name).write_text(name)
    (results / "link").symlink_to("kept")
    before = {path: path.lstat() for path in (results, *results.rglob("*"))}
    snapshot = copr.snapshot()
    (results / "new").write_text("new")
    (results / "next").write_text("other")
    (results / "next").replace(results / "changed")
    (results / "removed").unlink()
    shutil.rmtree(results / "folder")
    (results / "folder").write_text("no folder")
    (results / "file").unlink()
    (results / "file").mkdir()
    (results / "link").unlink()
    (results / "link").symlink_to("changed")
    copr.restore(snapshot)
    assert {path: path.read_text() for path in results.rglob("*") if path.is_file()} == {
        **{results / name: name for name in ("kept", "changed", "removed", "folder/inside", "file")},
        results / "link": "kept",
    }
    after = {path: path.lstat() for path in (results, *results.rglob("*"))}
    assert {path: (seen.st_mode, seen.st_mtime_ns) for path, seen in after.items()} == {
        path: (seen.st_mode, seen.st_mtime_ns) for path, seen in before.items()
    }


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


def test_a_snapshot_can_be_taken_while_builds_write(copr: LocalCopr, api: Any) -> None:
    api.project(".dotted")
    results = copr.data / "results/local/.dotted"
    work = results / "fedora-45-x86_64/.work"
    work.mkdir()
    is_over = threading.Event()

    def write() -> None:
        for number in itertools.count():
            if is_over.is_set():
                return
            for folder in (work, results):
                made = folder / f"some-{number % 50}"
                made.mkdir()
                (made / "file").write_text("text")
                shutil.rmtree(made)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        snapshots = [copr.snapshot() for _ in range(30)]
    finally:
        is_over.set()
        writer.join()
    for snapshot in snapshots:
        kept = snapshot.folder / "results/local/.dotted/fedora-45-x86_64"
        assert (kept / "repodata/repomd.xml").is_file()
        assert not (kept / ".work").exists()


def test_a_line_that_is_added_to_a_log_is_not_in_its_links(tmp_path: Path) -> None:
    log, link = tmp_path / "builder-live.log", tmp_path / "kept"
    add_line(log, "first")
    link.hardlink_to(log)
    add_line(log, "second")
    assert (link.read_text(), log.read_text()) == ("first\n", "first\nsecond\n")
    assert gzip.decompress((tmp_path / "builder-live.log.gz").read_bytes()) == log.read_bytes()


def test_nobody_writes_to_a_database_that_is_held(copr: LocalCopr) -> None:
    writer = threading.Thread(target=copr.add_user, args=("bob",))
    with copr.database.exclusively():
        writer.start()
        writer.join(0.2)
        assert writer.is_alive()
    writer.join()
    with copr.database.reading() as tx:
        assert users.get(tx, "bob").name == "bob"


def test_bringing_a_snapshot_back_is_quicker_than_a_new_service(
    copr: LocalCopr, api: Any, pytestconfig: pytest.Config
) -> None:
    most = {"sqlite": 0.1, "postgresql": 0.3}[pytestconfig.getoption("--database")]
    api.project()
    for _ in range(5):
        api.wait(submit(api))
    snapshot = copr.snapshot()
    took = [math.inf]
    while min(took) >= most and len(took) <= 50:  # on a busy machine many attempts wait for a core
        began = time.monotonic()
        copr.restore(snapshot)
        took.append(time.monotonic() - began)
    assert min(took) < most
