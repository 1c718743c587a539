"""PostgreSQL as the database: what all other tests run with `--database postgresql` do not show.

One server is started for this file, and stopped and killed by some of its tests.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from other_process import opened
from sqlalchemy import func, select, text

from copr_local import LocalCopr, LocalCoprError
from copr_local.cli.doctor import _database
from copr_local.data import postgresql_members
from copr_local.data.backup import back_up
from copr_local.data.data_folder import DataFolder, DataFolderError
from copr_local.data.database import SCHEMA_VERSION, Database
from copr_local.data.diagnosis import describe
from copr_local.data.models import Build, User
from copr_local.data.outages import Cause, Outage
from copr_local.rules import builds, users

if TYPE_CHECKING:
    from databases import Databases
    from postgresql_server import PostgreSQLServer

X86 = "fedora-45-x86_64"
SCRIPTED: Any = {"builds": "scripted", "chroots": [X86]}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgreSQLServer]:
    from postgresql_server import PostgreSQLServer

    with PostgreSQLServer() as server:
        yield server


@pytest.fixture(scope="module")
def own_databases(server: PostgreSQLServer) -> Databases:
    from databases import Databases

    return Databases(server)


@pytest.fixture
def url(own_databases: Databases) -> Iterator[str]:
    """Return the URL of an empty database that has the tables."""
    with own_databases.removed():
        yield own_databases.new()


@pytest.fixture
def database(url: str, data_folder: DataFolder) -> Iterator[Database]:
    with closing(Database(data_folder, url=url)) as database:
        yield database


def submit(api: Any, count: int = 1) -> list[int]:
    url = "https://example.com/hello-1.0-1.src.rpm"
    body = {"ownername": "local", "projectname": "hello", "pkgs": [url] * count}
    return [build["id"] for build in api.call("POST", "/build/create/url", body)["items"]]


def test_a_folder_keeps_its_database(server: PostgreSQLServer, tmp_path: Path, api_of: Any) -> None:
    url = server.new_database()
    data = tmp_path / "data"
    with LocalCopr(data, database=url, **SCRIPTED) as copr:
        api = api_of(copr)
        api.project(chroots=[X86])
        (build_id,) = submit(api)
        assert api.wait(build_id)["state"] == "succeeded"
    assert not (data / "copr.db").exists()
    assert (data / "database.url").stat().st_mode & 0o077 == 0
    with LocalCopr(data, **SCRIPTED) as copr:
        assert api_of(copr).get(f"/build/{build_id}")["state"] == "succeeded"


def test_writers_of_two_processes_take_turns(database: Database, url: str) -> None:
    others = [Database(database.data_folder), Database(database.data_folder), database]
    before = database.version()

    def add(one: Database, name: str) -> None:
        for number in range(10):
            with one.writing() as tx:
                count = len(tx.session.scalars(select(User)).all())
                users.add(tx, f"{name}-{number}-{count}")

    threads = [threading.Thread(target=add, args=(one, f"u{place}")) for place, one in enumerate(others)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as tx:
        names = [user.name for user in tx.session.scalars(select(User))]
    assert sorted(int(name.rpartition("-")[2]) for name in names) == list(range(30)), "each saw all before it"
    assert database.version() == before + 30
    for other in others[:2]:
        other.close()


def test_a_reader_sees_one_state_and_does_not_wait(database: Database) -> None:
    with database.reading() as reader:
        assert users.first(reader) is None
        with database.writing() as tx:
            users.add(tx, "alice")
        assert users.first(reader) is None
    with database.reading() as reader:
        assert users.first(reader) is not None


def test_connections_of_a_server_that_was_restarted_are_replaced(
    server: PostgreSQLServer, database: Database
) -> None:
    with database.writing() as tx, database.reading() as reader:
        users.add(tx, "alice")
        assert users.first(reader) is None
    server.stop()
    with pytest.raises(Outage) as outage, database.writing() as tx:
        users.first(tx)
    assert outage.value.cause is Cause.UNAVAILABLE
    with pytest.raises(Outage):
        database.version()
    server.start()
    assert database.version() > 0
    with database.reading() as reader:
        assert users.first(reader) is not None
    with database.writing() as tx:
        users.add(tx, "bob")


def test_a_transaction_that_the_server_ends_is_an_outage(
    server: PostgreSQLServer, database: Database
) -> None:
    def write() -> None:
        with database.writing() as tx:
            users.add(tx, "alice")
            tx.session.flush()
            pid = tx.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
            server.execute(f"SELECT pg_terminate_backend({pid}, 10000)")

    with pytest.raises(Outage):
        write()
    with database.reading() as reader:
        assert users.first(reader) is None


@pytest.mark.parametrize(
    ("url", "start", "end"),
    [
        ("mysql://a:secret@localhost/copr", "mysql://a:***@localhost/copr is not the URL of a Postgre", ""),
        ("copr", "copr is not the URL of a database", ""),
        ("postgresql://a:secret@127.0.0.1:1/copr", "postgresql+psycopg://a:***@127.0.0.1:1/copr", "refused"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused_in_one_line(
    url: str, start: str, end: str, tmp_path: Path
) -> None:
    with pytest.raises(LocalCoprError) as refused:
        LocalCopr(tmp_path / "data", database=url).start()
    message = str(refused.value)
    assert message.startswith(start)
    assert end in message
    assert "\n" not in message
    assert "secret" not in message
    assert not (tmp_path / "data").exists()


def test_databases_of_others_are_refused(server: PostgreSQLServer, data_folder: DataFolder) -> None:
    unsuited, foreign, newer = "unsuited", "of_another_program", "newer"
    server.execute(f"CREATE DATABASE {unsuited} TEMPLATE template0 LOCALE 'C.UTF-8' ENCODING UTF8")
    with pytest.raises(
        DataFolderError, match=r"collation C.UTF-8 .*createdb --template=template0 --locale=C"
    ):
        Database(data_folder, url=server.url(unsuited))
    for name, table in ((foreign, "bookmarks (url text)"), (newer, "commit_number (number bigint)")):
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        server.execute(f"CREATE TABLE {table}", name)
    with pytest.raises(DataFolderError, match="some other program's database"):
        Database(data_folder, url=server.url(foreign))
    server.execute("CREATE TABLE alembic_version (version_num text)", newer)
    server.execute(f"INSERT INTO alembic_version VALUES ('{SCHEMA_VERSION + 1}')", newer)
    with pytest.raises(DataFolderError, match="written by a newer copr-local"):
        Database(data_folder, url=server.url(newer))


@pytest.mark.usefixtures("database")
def test_the_doctor_describes_the_database(server: PostgreSQLServer, data_folder: DataFolder) -> None:
    (version,) = server.execute("SHOW server_version")[0]
    text, is_current, warning = describe(data_folder)
    assert warning == ""
    assert text.startswith(f"PostgreSQL {version}, postgresql+psycopg://copr@/")
    assert text.endswith(f", without TLS; version {SCHEMA_VERSION} of the tables")
    assert is_current
    data_folder.store_database_url("postgresql://a:secret@127.0.0.1:1/copr")
    with pytest.raises(DataFolderError, match=r"a:\*\*\*@127.0.0.1:1/copr cannot be used .*refused"):
        describe(data_folder)


def schema_of(server: PostgreSQLServer, url: str) -> list[str]:
    """Return what the tables of a database consist of, in lines."""
    queries = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default"
        " FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
    )
    name = url.partition("?")[0].rpartition("/")[2]
    return sorted(repr(row) for query in queries for row in server.execute(query, name))


@pytest.mark.parametrize("version", range(7, SCHEMA_VERSION))
def test_an_older_database_is_upgraded_to_the_schema_of_a_new_one(
    version: int, server: PostgreSQLServer, url: str, data_folder: DataFolder
) -> None:
    old = server.new_database()
    dump = Path(__file__).parent / "data" / f"postgresql-version-{version}.sql"
    server.execute(dump.read_text(), old.partition("?")[0].rpartition("/")[2])
    with closing(Database(data_folder, url=old)) as database:
        with database.writing() as tx:
            build = builds.get(tx, 1)
            assert (build.state, build.chroots[0].packages[0]["name"]) == ("succeeded", "hello")
            users.add(tx, "bob")
        with database.reading() as tx:
            assert [user.name for user in tx.session.scalars(select(User))] == ["local", "bob"]
    assert schema_of(server, old) == schema_of(server, url)


def test_an_upgrade_waits_for_older_processes_and_is_refused_while_they_run(
    server: PostgreSQLServer, data_folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_members, "JOINING", 0.1)
    old = server.new_database()
    dump = Path(__file__).parent / "data" / f"postgresql-version-{SCHEMA_VERSION - 1}.sql"
    server.execute(dump.read_text(), old.partition("?")[0].rpartition("/")[2])
    url = old.replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True, application_name="copr-local old 5") as member:
        member.execute("SELECT pg_advisory_lock_shared(%s)", (postgresql_members.MEMBERS,))
        with pytest.raises(DataFolderError, match=r"still uses it \(copr-local old 5\): stop all .*"):
            Database(data_folder, url=old)
        monkeypatch.setattr(postgresql_members, "JOINING", 60)
        threading.Timer(0.5, member.execute, ("SELECT pg_advisory_unlock_all()",)).start()
        Database(data_folder, url=old).close()


def test_a_process_whose_tables_were_upgraded_does_not_start(
    server: PostgreSQLServer, data_folder: DataFolder
) -> None:
    url = server.new_database()
    with closing(Database(data_folder, url=url)) as database:
        name = url.partition("?")[0].rpartition("/")[2]
        server.execute("UPDATE alembic_version SET version_num = '99'", name)
        with pytest.raises(DataFolderError, match="has upgraded the database to version 99"):
            database.join()


def test_too_few_connections_are_a_warning(
    server: PostgreSQLServer, url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = url.partition("?")[0].rpartition("/")[2]
    server.execute(f'ALTER DATABASE "{name}" CONNECTION LIMIT 30')
    with LocalCopr(tmp_path / "data", database=url, **SCRIPTED):
        assert "PostgreSQL allows 30 connections, and 1 service processes use up to 36" in caplog.text
        (finding,) = _database(tmp_path / "data")[0][1:]
        assert (finding.subject, finding.is_well) == ("connections", False)


@pytest.mark.parametrize("end", ["restart", "kill"])
def test_builds_survive_the_end_of_the_server(
    end: str, server: PostgreSQLServer, url: str, tmp_path: Path, api_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("copr_local.worker.transitions.RETRY_INTERVAL", 0.05)
    with LocalCopr(tmp_path / "data", database=url, events=True, builders=4, **SCRIPTED) as copr:
        api = api_of(copr)
        api.project(chroots=[X86])
        numbers = submit(api, 12)

        def finished() -> int:
            with copr.database.reading() as tx:
                return tx.session.scalar(select(func.count(Build.ended_on))) or 0

        api.until(lambda: finished() > 2)
        server.stop() if end == "restart" else server.kill()
        time.sleep(0.3)  # the service meets the outage with whatever it does
        server.start()
        assert {api.wait(number)["state"] for number in numbers} == {"succeeded"}
        api.until(lambda: len(ends(copr)) >= 2 * len(numbers))
        assert sorted(ends(copr)) == sorted(
            (number, chroot) for number in numbers for chroot in (X86, "srpm-builds")
        )


def ends(copr: LocalCopr) -> list[tuple[int, str]]:
    """Return the builds and chroots that have ended, once for each message about it."""
    found = [message.body for message in copr.messages if message.topic.endswith("build.end")]
    return [(body["build"], body["chroot"]) for body in found]


@pytest.mark.sqlite("the folder begins with a file")
def test_a_folder_moves_to_postgresql_and_a_backup_back(
    own_databases: Databases, url: str, tmp_path: Path, api_of: Any
) -> None:
    """Rows, and the ids that are not used again, are those of before."""
    data, copy = tmp_path / "data", tmp_path / "copy"

    def check(service: LocalCopr, build_id: int) -> None:
        with service as copr:
            api = api_of(copr)
            assert api.get("/build/1")["state"] == "succeeded"
            assert api.get("/project", ownername="local", projectname="hello")["description"] == "ä \u2028"
            (made,) = submit(api)
            assert made == build_id, "ids of deleted builds are not used again"
            assert api.wait(made)["state"] == "succeeded"
            api.call("DELETE", f"/build/delete/{made}")

    with LocalCopr(data, **SCRIPTED) as copr:
        api_of(copr).project(chroots=[X86], description="ä \u2028")
        assert api_of(copr).wait(*submit(api_of(copr)))["state"] == "succeeded"
    check(LocalCopr(data, **SCRIPTED), 2)
    check(LocalCopr(data, database=url, **SCRIPTED), 3)
    assert [path.name for path in data.glob("copr.db*")] == ["copr.db.moved"]
    with opened(data) as database:
        back_up(database, copy)
    assert not (copy / "database.url").exists()
    check(LocalCopr(copy, **SCRIPTED), 4)
    check(LocalCopr(data, **SCRIPTED), 4)
    with pytest.raises(LocalCoprError, match=r"is not empty, but .*copy/copr\.db exists"):
        LocalCopr(copy, database=url).start()


def test_a_snapshot_is_restored(url: str, tmp_path: Path, api_of: Any) -> None:
    with LocalCopr(tmp_path / "data", database=url, **SCRIPTED) as copr:
        api = api_of(copr)
        empty = copr.snapshot()
        for _ in range(2):
            api.project(chroots=[X86])
            assert submit(api) == [1]
            assert api.wait(1)["state"] == "succeeded"
            copr.restore(empty)
            assert api.get("/project/list")["items"] == []
