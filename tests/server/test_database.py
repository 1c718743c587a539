"""Transactions of the database; and SQLite's file: its settings, its version, files of other programs."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, literal, select, text
from sqlalchemy.exc import IntegrityError

from copr_local.data.data_folder import DataFolder, DataFolderError
from copr_local.data.database import SCHEMA_VERSION, Database, Transaction
from copr_local.data.models import Base, Package, User
from copr_local.data.sqlite import open_engine
from copr_local.rules import groups, projects, users
from copr_local.rules.errors import Invalid

OF_THE_FILE = pytest.mark.sqlite("this is about the database file")


@pytest.fixture
def data_folder(tmp_path: Path) -> Iterator[DataFolder]:
    data_folder = DataFolder(tmp_path / "data", lambda _directory: None)
    data_folder.open()
    data_folder.make_folders()
    yield data_folder
    data_folder.close()


@pytest.fixture
def database(data_folder: DataFolder) -> Iterator[Database]:
    database = Database(data_folder, lambda: 1_795_000_000.9)
    yield database
    database.close()


@OF_THE_FILE
def test_the_settings_are_those_that_the_module_promises(database: Database) -> None:
    with database.reading() as tx:
        settings = {
            name: tx.session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous", "user_version")
        }
    assert settings == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 1,
        "user_version": SCHEMA_VERSION,
    }


def test_a_new_user_has_no_special_rights(database: Database) -> None:
    with database.writing() as tx:
        plain, _ = users.add(tx, "alice")
        admin, _ = users.add(tx, "root", admin=True)
        proxy, _ = users.add(tx, "front", proxy=True)
        rights = [(user.admin, user.proxy) for user in (plain, admin, proxy)]
    assert rights == [(False, False), (True, False), (False, True)]


def test_members_of_groups_are_listed_by_name(database: Database) -> None:
    with database.writing() as tx:
        zoe, adam, _ = (users.add(tx, name)[0] for name in ("zoe", "adam", "nobody"))
        for name in ("tools", "devs"):
            groups.add(tx, name, [zoe, adam])
        groups.add(tx, "empty", [])
    with database.reading() as tx:
        found = groups.members(tx)
    assert list(found.items()) == [("devs", ["adam", "zoe"]), ("empty", []), ("tools", ["adam", "zoe"])]


def test_a_group_with_projects_is_not_removed_and_the_error_names_them(database: Database) -> None:
    with database.writing() as tx:
        user, _ = users.add(tx, "alice")
        group = groups.add(tx, "devs", [user])
        for name in ("tools", "libs"):
            projects.add(tx, user, "@devs", name, [], {})
        with pytest.raises(Invalid, match="owns @devs/libs, @devs/tools: delete"):
            groups.remove(tx, group)


def test_a_transaction_that_an_exception_leaves_changes_nothing(database: Database) -> None:
    def begin() -> None:
        with database.writing() as tx:
            users.add(tx, "alice")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        begin()
    with database.reading() as tx:
        assert users.first(tx) is None


def test_only_a_commit_is_announced(database: Database) -> None:
    announced: list[bool] = []
    database.committed = lambda transaction: announced.append(transaction.needs_maintenance)
    with database.reading():
        pass
    with pytest.raises(RuntimeError), database.writing():
        raise RuntimeError
    assert announced == []
    with database.writing() as tx:
        users.add(tx, "alice")
    assert announced == [False]
    with database.writing() as tx:
        tx.update_repository(tx.data_folder.results / "alice" / "hello" / "fedora-45-x86_64")
    assert announced == [False, True]


def test_the_time_of_a_transaction_is_whole_seconds(database: Database) -> None:
    with database.reading() as tx:
        assert tx.now == 1_795_000_000


def test_nothing_is_written_after_the_end(database: Database) -> None:
    database.close()
    with pytest.raises(RuntimeError, match="closed"), database.writing():
        pass


def test_a_row_cannot_point_to_nothing(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as tx:
        tx.session.add(Package(project_id=77, name="orphan"))


def test_writers_take_turns_and_readers_do_not_wait(database: Database) -> None:
    def add(number: int) -> None:
        with database.writing() as tx:
            users.add(tx, f"user{number}")

    threads = [threading.Thread(target=add, args=(number,)) for number in range(20)]
    with database.writing() as tx:
        for thread in threads:
            thread.start()
        users.add(tx, "first")
        with database.reading() as reader:
            assert users.first(reader) is None
    for thread in threads:
        thread.join()
    with database.reading() as tx:
        found = users.first(tx)
        assert found is not None
        assert found.name == "first"
        assert tx.session.scalar(select(func.count()).select_from(User)) == 21


@OF_THE_FILE
def test_a_database_of_a_newer_version_is_refused_and_left_alone(data_folder: DataFolder) -> None:
    with closing(sqlite3.connect(data_folder.database)) as connection:
        connection.execute("CREATE TABLE future (id INTEGER)")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 6}")
    before = data_folder.database.read_bytes()
    with pytest.raises(DataFolderError, match="written by a newer copr-local") as refused:
        Database(data_folder)
    assert "\n" not in str(refused.value)
    assert str(data_folder.database) in str(refused.value)
    assert data_folder.database.read_bytes() == before


@OF_THE_FILE
def test_a_file_that_is_no_database_is_refused_and_left_alone(data_folder: DataFolder) -> None:
    data_folder.database.write_text("these are not the tables you are looking for" * 100)
    with pytest.raises(DataFolderError, match="file is not a database"):
        Database(data_folder)
    assert data_folder.database.read_text().startswith("these are not")


@OF_THE_FILE
def test_another_programs_database_is_refused(data_folder: DataFolder) -> None:
    with closing(sqlite3.connect(data_folder.database)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    with pytest.raises(DataFolderError, match="some other program's database"):
        Database(data_folder)


@OF_THE_FILE
def test_nobody_else_can_read_the_database(data_folder: DataFolder) -> None:
    data_folder.database.touch(0o644)
    database = Database(data_folder)
    with database.writing() as tx:
        users.add(tx, "alice")
    for path in data_folder.database.parent.glob("copr.db*"):
        assert path.stat().st_mode & 0o077 == 0, path
    database.close()


def test_a_discarded_folder_goes_with_the_commit_and_stays_without_one(data_folder: DataFolder) -> None:
    database = Database(data_folder)
    folder = data_folder.path / "results" / "alice"
    folder.mkdir(parents=True)

    def fail() -> None:
        with database.writing() as tx:
            tx.discard(folder)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert folder.exists()
    with database.writing() as tx:
        tx.discard(folder)
        assert folder.exists()
    assert not folder.exists()
    database.close()


@OF_THE_FILE
def test_a_new_database_has_the_schema_that_sqlalchemy_creates(
    data_folder: DataFolder, tmp_path: Path
) -> None:
    Database(data_folder, lambda: 0).close()
    engine = create_engine(f"sqlite:///{tmp_path}/other.sqlite")
    Base.metadata.create_all(engine)
    engine.dispose()
    schemas = []
    for path in (data_folder.database, tmp_path / "other.sqlite"):
        with closing(sqlite3.connect(path)) as connection:
            schemas.append(connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall())
    assert schemas[0] == schemas[1]


@OF_THE_FILE
def test_a_second_database_of_a_process_compiles_no_statement_again(tmp_path: Path) -> None:
    compiled = []
    for name in ("one", "two"):
        engine = open_engine(tmp_path / name)
        with engine.connect() as connection:
            compiled.append(connection.execute(select(literal(tmp_path.name))).context.compiled)
        engine.dispose()
    assert compiled[0] is compiled[1]


def test_work_that_continues_has_transactions_of_its_own(database: Database) -> None:
    committed: list[int] = []
    database.committed = lambda _transaction: committed.append(len(names))
    names: list[str] = []

    def add(tx: Transaction, name: str) -> None:
        with database.reading() as reader:
            assert len(reader.session.scalars(select(User)).all()) == len(names), "each is committed"
        users.add(tx, name)
        names.append(name)
        if name == "first":
            tx.then(lambda tx: add(tx, "third"))
        if name == "third":
            raise ZeroDivisionError

    def start() -> None:
        with database.writing() as tx:
            tx.then(lambda tx: add(tx, "first"))
            tx.then(lambda tx: add(tx, "second"))
            tx.then(lambda tx: tx.then(lambda tx: add(tx, "never")))

    with pytest.raises(ZeroDivisionError):
        start()
    assert names == ["first", "second", "third"]
    assert committed == [0, 1, 2, 2]
    with database.reading() as tx:
        assert {user.name for user in tx.session.scalars(select(User))} == {"first", "second"}
