"""A full disk, a locked database, a clock that jumps, and many clients that poll."""

from __future__ import annotations

import logging
import math
import os
import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from copr_local import LocalCopr
from copr_local.builders.results import write_results
from copr_local.builders.tasks import BuiltPackage, ChrootTask
from copr_local.data import deferred_file_changes
from copr_local.data.folder_sharing import PREFIX as PROCESS
from copr_local.data.pending_work import FileChange
from copr_local.testing.rpm_file import RpmFile

URL = "https://example.com/hello-1.0-1.src.rpm"
X86 = "fedora-45-x86_64"
DISK = 8 * 1024**2  # bytes
FULL = "The disk of this Copr is full; nothing was changed. Try again when there is free space."
LOCKED = "The database of this Copr is locked by another program; nothing was changed. Try again."


def submit(api: Any, count: int = 1) -> list[int]:
    body = {"ownername": "local", "projectname": "hello", "pkgs": [URL] * count}
    return [build["id"] for build in api.call("POST", "/build/create/url", body)["items"]]


class SmallDisk:
    """A service with its data folder on a small file system, and that file system."""

    def __init__(self, service: Any, mounted_at: Path) -> None:
        pid = service.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        self.data = Path(f"/proc/{children[0]}/root{mounted_at}")
        self.api = service.api(self.data / "client.conf")
        self.owner = self.api.get("/auth-check")["name"]

    @contextmanager
    def filled(self) -> Iterator[None]:
        """Fill the disk until no byte is free."""
        filler = self.data / "filler"
        with filler.open("wb", buffering=0) as file:
            for size in (65536, 1):
                try:
                    while file.write(bytes(size)):
                        pass
                except OSError:
                    continue
        try:
            yield
        finally:
            filler.unlink()


@pytest.fixture
def small_disk(serve: Any, tmp_path: Path) -> SmallDisk:
    mounted_at = tmp_path / "small"
    mounted_at.mkdir()
    within = ["bwrap", "--die-with-parent", "--dev-bind", "/", "/", "--size", str(DISK)]
    service = serve(
        *("--data", str(mounted_at), "--port", "0", "--builders", "0"),
        within=[*within, "--tmpfs", str(mounted_at)],
    )
    return SmallDisk(service.ready(), mounted_at)


def test_an_upload_that_does_not_fit_is_refused_and_leaves_nothing(small_disk: SmallDisk) -> None:
    api, owner = small_disk.api, small_disk.owner
    api.project(owner=owner)
    incoming = small_disk.data / "incoming"
    # Two copies of the first do not fit. The second does not fit at all.
    for size in (DISK - 3 * 1024**2, DISK * 2):
        assert api.upload(content=bytes(size), ownername=owner, expect=507)["error"] == FULL
        assert list((small_disk.data / "tmp").iterdir()) == []
        api.until(lambda: [path for path in incoming.rglob("*") if PROCESS not in path.name] == [])
    assert api.upload(content=bytes(1024), ownername=owner)["state"] == "pending"


@pytest.mark.sqlite("the disk of the database is the folder's")
def test_what_the_database_has_no_room_for_is_refused_and_the_rest_goes_on(small_disk: SmallDisk) -> None:
    api, owner = small_disk.api, small_disk.owner
    api.project(owner=owner)
    body = {"description": "x" * 100_000}
    with small_disk.filled():
        assert api.error("PUT", f"/project/edit/{owner}/hello", 507, body) == FULL
        assert api.error("POST", f"/project/add/{owner}", 507, {"name": "x", "chroots": [X86]}) == FULL
        assert api.get("/project", ownername=owner, projectname="hello")["description"] == ""
        assert len(api.get("/project/list")["items"]) == 1
    api.call("PUT", f"/project/edit/{owner}/hello", body)
    assert api.get("/project", ownername=owner, projectname="hello")["description"] == body["description"]


@pytest.fixture
def copr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalCopr]:
    monkeypatch.setattr("copr_local.data.sqlite.BUSY_TIMEOUT", 100)
    monkeypatch.setattr("copr_local.worker.transitions.RETRY_INTERVAL", 0.05)
    with LocalCopr(tmp_path / "data", builds="scripted", chroots=[X86], builders=8) as copr:
        yield copr


@contextmanager
def locked(copr: LocalCopr) -> Iterator[None]:
    """Lock the database, as another program can."""
    path = copr.data / "copr.db"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.sqlite("another program locks the file")
def test_a_locked_database_is_said_to_be_so_and_can_be_read(copr: LocalCopr, api: Any) -> None:
    api.project(chroots=[X86])
    with locked(copr):
        body = {"name": "other", "chroots": [X86]}
        assert api.error("POST", "/project/add/local", 503, body) == LOCKED
        assert len(api.get("/project/list")["items"]) == 1
    api.call("POST", "/project/add/local", body)


@pytest.mark.sqlite("another program locks the file")
@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("/api/coprs/local/new/", {"name": "other", X86: "y"}, {"output": "notok", "error": LOCKED}),
        ("/api_2/projects", {"name": "other", "chroots": [X86]}, {"message": LOCKED}),
        ("/webhooks/custom/1/secret/hello", {}, None),
    ],
)
def test_every_address_says_that_the_database_is_locked(
    copr: LocalCopr, path: str, body: Any, text: Any
) -> None:
    login = (copr.config["login"], copr.config["token"])
    with locked(copr):
        answer = copr.app.test_client().post(path, json=body, auth=login)
    assert answer.status_code == 503
    assert answer.get_json() == text if text else LOCKED in answer.text


@pytest.mark.sqlite("another program locks the file")
def test_a_build_that_ends_while_the_database_is_locked_is_not_lost(copr: LocalCopr, api: Any) -> None:
    api.project(chroots=[X86])
    copr.script(takes=math.inf)
    (build_id,) = submit(api)
    api.wait(build_id, "running")
    with locked(copr):
        copr.script(takes=0)
        time.sleep(0.5)
        assert api.get(f"/build/{build_id}")["state"] == "running"
    assert api.wait(build_id)["state"] == "succeeded"


@contextmanager
def no_connections(copr: LocalCopr) -> Iterator[None]:
    """Let the process run out of files, so that it cannot open a connection to the database."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = max(map(int, os.listdir("/proc/self/fd")))
    with ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most + 10, hard))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        engine = copr.database._dialect.readers
        while True:
            engine.dispose()  # idle connections would still work
            with suppress(OSError):
                while True:
                    stack.callback(os.close, os.open(os.devnull, os.O_RDONLY))
            if engine.pool.checkedin() + engine.pool.checkedout() == 0:
                break
        yield


class Losses(logging.Handler):
    """Waits for the message that the database failed while a step ran."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "copr_local.worker.step_run" and "unable to open" in record.getMessage():
            self.heard.set()


@pytest.mark.sqlite("connections of SQLite need files of the process")
@pytest.mark.parametrize("is_complete", [True, False], ids=["complete", "incomplete"])
def test_a_step_whose_database_goes_away_for_a_moment_is_requeued(
    tmp_path: Path, script: Any, api_of: Any, is_complete: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("copr_local.worker.transitions.RETRY_INTERVAL", 0.05)
    losses = Losses()
    logging.getLogger("copr_local").addHandler(losses)
    runs: list[str] = []

    def build_chroot(task: ChrootTask) -> list[BuiltPackage]:
        runs.append(task.chroot)
        built: list[BuiltPackage] = script.build_chroot(task)
        if len(runs) > 1:
            return built
        RpmFile("hello", 0, "1.0", "1", "noarch", "", "/usr/share/hello", "made", 0).write(task.directory)
        if is_complete:
            write_results(task.directory, [BuiltPackage("hello", 0, "1.0", "1", "noarch")])
        gone.enter_context(no_connections(copr))
        return built

    builder = replace(script.builder(), build_chroot=build_chroot)
    with ExitStack() as gone, LocalCopr(tmp_path / "data", chroots=[X86], builder=builder) as copr:
        gone.callback(logging.getLogger("copr_local").removeHandler, losses)
        api = api_of(copr)
        api.project(chroots=[X86])
        (build_id,) = submit(api)
        assert losses.heard.wait(60)
        gone.close()
        assert api.wait(build_id)["state"] == "succeeded"
        packages = api.get(f"/build/built-packages/{build_id}")[X86]["packages"]
        assert [package["arch"] for package in packages] == ["noarch" if is_complete else "x86_64"]
    assert runs == [X86] * (1 if is_complete else 2)


def test_a_build_never_ends_before_it_began(copr: LocalCopr, api: Any) -> None:
    api.project(chroots=[X86])
    copr.script("hello", chroot=X86, takes=math.inf)
    (build_id,) = submit(api)
    api.until(
        lambda: (api.get(f"/build-chroot/list/{build_id}")["items"] or [{}])[0].get("state") == "running"
    )
    copr.clock.advance(days=-1)
    copr.script(takes=0)
    chroot = f"/build-chroot/{build_id}/{X86}"
    assert api.wait(build_id)["state"] == "succeeded"
    assert api.get(chroot)["ended_on"] == api.get(chroot)["started_on"]
    after = api.wait(submit(api)[0])
    assert after["submitted_on"] <= after["started_on"] <= after["ended_on"]


def test_two_hundred_clients_poll_while_eight_builds_run(copr: LocalCopr, api: Any) -> None:
    api.project(chroots=[X86])
    copr.script(takes=math.inf)
    builds = submit(api, 8)
    for build_id in builds:
        api.wait(build_id, "running")
    begin = threading.Barrier(200)
    found: list[object] = []

    def poll(number: int) -> None:
        with requests.Session() as session:
            begin.wait(30)
            for _ in range(3):
                try:
                    answer = session.get(f"{copr.url}/api_3/build/{builds[number % 8]}", timeout=30)
                    found.append(answer.json()["state"])
                except Exception as error:
                    found.append(error)

    threads = [threading.Thread(target=poll, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["running"] * 600
    copr.script(takes=0)
    for build_id in builds:
        assert api.wait(build_id)["state"] == "succeeded"


@pytest.mark.sqlite("another program locks the file")
def test_a_lock_while_file_changes_are_pending_fails_no_build(
    copr: LocalCopr, api: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    original, locks = deferred_file_changes.pending, ExitStack()

    def pending(*arguments: Any) -> Any:
        if not lock:
            lock.append(locks.enter_context(locked(copr)))
            return [FileChange(path="results/local/hello")]
        return original(*arguments)

    lock: list[None] = []
    api.project(chroots=[X86])
    with locks:
        monkeypatch.setattr(deferred_file_changes, "pending", pending)
        (build_id,) = submit(api)
        api.until(lambda: "the database failed while" in caplog.text)
    assert api.wait(build_id)["state"] == "succeeded"
