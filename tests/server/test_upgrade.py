"""A data folder of an older version is upgraded with everything in it.

The databases in `data/` are dumps from folders of those versions. Before the schema changes, dump one more
(`sqlite3 copr.db .dump`) from a folder of the current version.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from copr.v3 import Client
from copr_local import LocalCopr, LocalCoprError
from copr_local.data import migrations
from copr_local.data.data_folder import DataFolder, DataFolderError
from copr_local.data.database import SCHEMA_VERSION, Database
from copr_local.data.diagnosis import describe
from copr_local.rules import queue_order
from copr_local.rules.queue import Step

pytestmark = pytest.mark.sqlite("these are the migrations of SQLite")

DATA = Path(__file__).parent / "data"
CLIENT_CONFIGURATION = """\
[copr-cli]
login = tinmemvapbepuboxtyby
username = alice
token = wcebedf9zyy7ra66kf5cutfvpwhx0rilvs9bxe89
copr_url = http://127.0.0.1:45413
encrypted = False
"""
SOURCE_TYPES = {
    1: "unset",
    2: "unset",
    3: "link",
    4: "link",
    5: "link",
    6: "link",
    7: "link",
    8: "link",
    9: "link",
    10: "link",
    11: "link",
}  # version 3 stores the source of a package's builds


@pytest.fixture(params=sorted(SOURCE_TYPES))
def version(request):
    return request.param


@pytest.fixture
def folder(version, tmp_path):
    """Return a folder of an older version: alice's project with a build, and a deleted second build."""
    with closing(sqlite3.connect(tmp_path / "copr.db")) as connection, connection:
        connection.executescript((DATA / f"database-version-{version}.sql").read_text())
        connection.execute(f"PRAGMA user_version = {version}")
        expiration = datetime.now(UTC).date() + timedelta(days=100)
        connection.execute("UPDATE user SET api_token_expiration = ?", (expiration.isoformat(),))
    (tmp_path / "client.conf").write_text(CLIENT_CONFIGURATION)
    return tmp_path


only_old = pytest.mark.parametrize("version", [number for number in SOURCE_TYPES if number != SCHEMA_VERSION])


def schema(database):
    """Return the SQL of every table and index, and the version of the schema."""
    with closing(sqlite3.connect(database)) as connection:
        texts = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
        return texts.fetchall(), connection.execute("PRAGMA user_version").fetchone()


def content(database):
    """Return every row of every table by column, and the last ids that were used."""
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: [dict(row) for row in connection.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2')]
            for table in tables
        }


@pytest.mark.parametrize("version", [9])
def test_the_doctor_describes_the_database_and_does_not_upgrade_it(folder):
    data_folder = DataFolder(folder, lambda _repository: None)
    for _ in range(2):
        assert f"the next start upgrades its tables from 9 to {SCHEMA_VERSION}" in describe(data_folder)[0]
    Database(data_folder).close()
    about = f"SQLite {sqlite3.sqlite_version}, {folder}/copr.db"
    assert describe(data_folder) == (f"{about}; version {SCHEMA_VERSION} of the tables", True, "")
    (folder / "copr.db").write_text("x" * 5000)
    with pytest.raises(DataFolderError, match="file is not a database"):
        describe(data_folder)


def test_what_an_older_version_left_is_there_and_can_be_worked_with(folder, version):
    with LocalCopr(folder, builders=0) as copr:
        assert copr.config["login"] == "tinmemvapbepuboxtyby", "the token still counts"
        client = Client(copr.config)
        assert client.project_proxy.get("alice", "kept").description == "Made by version 1"
        [build] = client.build_proxy.get_list("alice", "kept")
        assert (build.id, build.state, build.source_package.name) == (1, "succeeded", "hello")
        assert len(client.build_proxy.get_built_packages(1)["fedora-45-x86_64"].packages) == 2
        assert client.package_proxy.get("alice", "kept", "hello").source_type == SOURCE_TYPES[version]

        new = client.build_proxy.create_from_url("alice", "kept", "http://example.test/a.src.rpm")
        assert new.id == 3, "the number of the deleted build is not given out again"
        client.project_proxy.fork("alice", "kept", "alice", "copy")
        client.project_proxy.delete("alice", "copy")


def test_an_upgraded_database_has_the_schema_of_a_new_one_text_by_text(folder, tmp_path_factory):
    new = tmp_path_factory.mktemp("new")
    for data in (new, folder):
        with LocalCopr(data, builders=0):
            pass
    assert schema(folder / "copr.db") == schema(new / "copr.db")


def test_copying_a_database_of_this_version_changes_neither_its_schema_nor_a_row(tmp_path):
    database = tmp_path / "copr.db"
    with LocalCopr(tmp_path, builders=0, username="alice") as copr:
        client = Client(copr.config)
        client.project_proxy.add("alice", "kept", ["fedora-45-x86_64"], repo_priority=7)
        for _ in range(2):
            client.build_proxy.create_from_url("alice", "kept", "http://example.test/a.src.rpm")
        client.build_proxy.cancel(2)
    before = schema(database), content(database)
    migrations.upgrade(database, SCHEMA_VERSION)
    assert (schema(database), content(database)) == before


@only_old
def test_a_build_that_waits_during_an_upgrade_is_built_afterwards(folder):
    with closing(sqlite3.connect(folder / "copr.db")) as connection, connection:
        connection.execute("UPDATE build_chroot SET state = 'pending', ended_on = NULL")
        connection.execute("UPDATE build SET state = 'pending', is_background = TRUE")
    with LocalCopr(folder, builders=0) as copr, copr.database.reading() as tx:
        assert queue_order.next_step(tx, ["aarch64"]) is None
        assert queue_order.next_step(tx, ["x86_64"]) == Step(1, "fedora-45-x86_64")


@only_old
def test_an_upgrade_happens_once(folder):
    for _ in range(2):
        with LocalCopr(folder, builders=0):
            changed = (folder / "copr.db.old").stat().st_mtime_ns
    assert (folder / "copr.db.old").stat().st_mtime_ns == changed


@only_old
def test_an_upgrade_that_fails_leaves_the_old_database(folder, version):
    (folder / "copr.db.new").mkdir()
    with pytest.raises(LocalCoprError, match=r"copr\.db cannot be used"):
        LocalCopr(folder).start()
    (folder / "copr.db.new").rmdir()
    test_what_an_older_version_left_is_there_and_can_be_worked_with(folder, version)
