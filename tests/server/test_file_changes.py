"""File changes of a transaction: they happen after the commit, exactly once, even if a process dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from copr_local import LocalCopr
from copr_local.data import deferred_file_changes
from copr_local.data.data_folder import DataFolder
from copr_local.data.database import Database, Transaction
from copr_local.data.models import Project
from copr_local.data.pending_work import FileChange
from copr_local.rules import forks, project_dirs, projects, users
from copr_local.worker.maintenance import Maintenance

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"


def pending(database: Database) -> int:
    with database.reading() as tx:
        return tx.session.scalar(select(func.count()).select_from(FileChange)) or 0


def folder(path: Path, content: str = "content") -> Path:
    path.mkdir(parents=True)
    (path / "file").write_text(content)
    return path


@pytest.fixture
def dying(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[Transaction], None]], None]:
    """Return a function that commits a transaction and dies before its file changes are done."""

    class Death(BaseException):
        pass

    def die() -> bool:
        raise Death

    def write(work: Callable[[Transaction], None]) -> None:
        with monkeypatch.context() as dead, suppress(Death), database.writing() as tx:
            dead.setattr(database, "carry_out", die)
            work(tx)

    return write


def test_what_a_process_left_undone_is_done_in_its_order(
    database: Database, data_folder: DataFolder, dying: Any
) -> None:
    source, target = folder(data_folder.results / "a"), data_folder.results / "b"

    def work(tx: Any) -> None:
        tx.copy(source, target)
        tx.session.flush()
        tx.discard(source)

    dying(work)
    assert source.exists()
    assert not target.exists()
    assert database.carry_out()
    assert (target / "file").read_text() == "content"
    assert not source.exists()
    assert pending(database) == 0


def test_what_was_done_and_not_noted_can_be_done_again(
    database: Database, data_folder: DataFolder, dying: Any
) -> None:
    source, target = folder(data_folder.results / "a"), data_folder.results / "b"
    gone = folder(data_folder.results / "gone")

    def work(tx: Any) -> None:
        tx.copy(source, target)
        tx.discard(gone)

    dying(work)
    data_folder.copy(source, target)
    data_folder.discard(gone)
    (target / "more").touch()
    assert database.carry_out()
    assert {file.name for file in target.iterdir()} == {"file", "more"}
    assert pending(database) == 0
    assert not list(data_folder.incoming.iterdir())


def test_a_project_that_is_made_anew_begins_empty_and_keeps_what_it_has(
    database: Database, data_folder: DataFolder, dying: Any
) -> None:
    with database.writing() as tx:
        user, _ = users.add(tx, "alice")
        projects.add(tx, user, "alice", "hello", [], {})
    old = folder(data_folder.results / "alice/hello/fedora-45-x86_64/00000001-hello")
    other = folder(data_folder.results / "alice/other")

    def work(tx: Any) -> None:
        projects.remove(tx, projects.get(tx, "alice", "hello"))
        tx.discard(other)

    dying(work)
    with database.writing() as tx:
        projects.add(tx, users.get(tx, "alice"), "alice", "hello", [], {})
    assert not old.exists()
    new = folder(data_folder.results / "alice/hello/fedora-45-x86_64/00000002-hello")
    assert pending(database) == 1, "what is about other folders waits"
    assert database.carry_out()
    assert new.exists()
    assert not other.exists()


def test_a_directory_of_a_project_that_is_made_anew_begins_empty(tx: Transaction, hello: Project) -> None:
    old = folder(tx.data_folder.directory("alice", "hello:custom:x"))
    tx.session.add(deferred_file_changes.change(tx.data_folder, old))  # an earlier transaction has left it
    tx.session.flush()
    project_dirs.get_dir(tx, hello, old.name)
    assert {path.name for path in old.iterdir()} == {X86, ARM}


def test_settling_leaves_what_its_own_transaction_says(database: Database, data_folder: DataFolder) -> None:
    kept = folder(data_folder.results / "alice/hello")

    def fail() -> None:
        with database.writing() as tx:
            tx.discard(kept)
            tx.session.flush()
            tx.settle(kept)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert kept.exists()


def test_metadata_is_written_of_what_should_be_there(
    database: Database, data_folder: DataFolder, dying: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = data_folder.results / "alice/hello/fedora-45-x86_64"
    old = folder(repository / "00000001-hello")

    def work(tx: Any) -> None:
        tx.discard(old)
        tx.update_repository(repository)

    dying(work)
    written: list[bool] = []
    house = Maintenance(database, lambda directory: written.append(old.exists()))
    with monkeypatch.context() as broken:
        broken.setattr(DataFolder, "discard", _fail)
        house.run()
        with pytest.raises(OSError, match="cannot be removed"):
            house.update_repository(repository)
    assert written == []
    house.update_repository(repository)
    assert written == [False]


def _fail(_data_folder: DataFolder, _path: Path) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_change_that_cannot_be_made_stays_and_delays_no_other(
    database: Database,
    data_folder: DataFolder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    stuck, free = folder(data_folder.results / "stuck"), folder(data_folder.results / "free")
    discard = DataFolder.discard

    def fail_once(data_folder: DataFolder, path: Path) -> None:
        if path == stuck:
            raise PermissionError(13, "Permission denied")
        discard(data_folder, path)

    with monkeypatch.context() as broken:
        broken.setattr(DataFolder, "discard", fail_once)
        with database.writing() as tx:
            tx.discard(stuck)
            tx.discard(free)
    assert (stuck.exists(), free.exists()) == (True, False)
    assert "results/stuck cannot be removed yet" in caplog.text
    Maintenance(database, lambda _directory: None).run()
    assert not stuck.exists()


def test_the_housekeeper_asks_the_longer_the_less_often(
    database: Database, data_folder: DataFolder, dying: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder(data_folder.results / "stuck")
    dying(lambda tx: tx.discard(path))
    monkeypatch.setattr(DataFolder, "discard", _fail)
    clock = [0.0]
    house, asked = Maintenance(database, lambda _directory: None, lambda: clock[0]), []
    carry_out = database.carry_out
    monkeypatch.setattr(database, "carry_out", lambda: asked.append(clock[0]) or carry_out())
    for tenth in range(100):
        clock[0] = tenth / 10
        house.run()
    assert asked == [0, 0.5, 1.5, 3.5, 7.5]


def test_others_write_while_many_folders_are_copied(
    database: Database, data_folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = folder(data_folder.results / "source")
    copy = DataFolder.copy

    def slow(data_folder: DataFolder, source: Path, target: Path) -> None:
        time.sleep(0.03)
        copy(data_folder, source, target)

    monkeypatch.setattr(DataFolder, "copy", slow)

    def fork() -> None:
        with database.writing() as tx:
            for number in range(30):
                tx.copy(source, data_folder.results / f"copy{number}")

    thread = threading.Thread(target=fork)
    thread.start()
    while not (data_folder.results / "copy1").exists():
        time.sleep(0.001)
    with database.writing() as tx:
        users.add(tx, "bob")
    left = pending(database)
    thread.join()
    assert left > 15
    assert len(list(data_folder.results.glob("copy*"))) == 30


def test_a_fork_that_is_not_committed_leaves_no_packages(api: Any, copr: LocalCopr) -> None:
    api.project()
    build = api.wait(api.upload()["id"])

    def fork() -> None:
        with copr.database.writing() as tx:
            source = projects.get(tx, "local", "hello")
            forks.fork(tx, users.get(tx, "local"), source, "local", "copy")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fork()
    assert list((copr.data / "results/local/hello").glob(f"*/{build['id']:08d}-*"))
    assert not list((copr.data / "results/local/copy").glob("*/0*"))


def test_a_start_does_what_was_left_before_builds_go_on(
    tmp_path: Path, script: Any, api_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "kept"
    with LocalCopr(data, chroots=[X86], builder=script.builder()) as first:
        api = api_of(first)
        api.project(chroots=[X86])
        build_id = api.wait(api.upload()["id"])["id"]
        api.until(lambda: pending(first.database) == 0)
        with monkeypatch.context() as dead:
            dead.setattr(first.database, "_carry_out", lambda: False)
            dead.setattr(first._worker._maintenance, "run", lambda: 5.0)
            api.call("DELETE", f"/build/delete/{build_id}")
            api.call("DELETE", "/project/delete/local/hello")
            first.stop()
    assert list((data / "results/local/hello").glob(f"*/{build_id:08d}*"))
    with LocalCopr(data, builder=script.builder(), builders=0) as second:
        assert not (data / "results/local/hello").exists()
        assert pending(second.database) == 0
