"""A data folder of an older version is taken over with all that is in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from copr.v3 import Client
from copr_local import LocalCopr, LocalCoprError

DATA = Path(__file__).parent / "data"
CLIENT_CONFIGURATION = """\
[copr-cli]
login = tinmemvapbepuboxtyby
username = alice
token = wcebedf9zyy7ra66kf5cutfvpwhx0rilvs9bxe89
copr_url = http://127.0.0.1:45413
encrypted = False
"""


@pytest.fixture(params=[1, 2])
def folder(request, tmp_path):
    """A folder that an older version has left: alice's project with a build, a second build deleted."""
    with closing(sqlite3.connect(tmp_path / "copr.db")) as connection:
        connection.executescript((DATA / f"database-version-{request.param}.sql").read_text())
        connection.execute(f"PRAGMA user_version = {request.param}")
    (tmp_path / "client.conf").write_text(CLIENT_CONFIGURATION)
    return tmp_path


def test_what_an_older_version_left_is_there_and_can_be_worked_with(folder):
    with LocalCopr(folder, builders=0) as copr:
        assert copr.config["login"] == "tinmemvapbepuboxtyby", "the token still counts"
        client = Client(copr.config)
        assert client.project_proxy.get("alice", "kept").description == "Made by version 1"
        [build] = client.build_proxy.get_list("alice", "kept")
        assert (build.id, build.state, build.source_package.name) == (1, "succeeded", "hello")
        assert len(client.build_proxy.get_built_packages(1)["fedora-45-x86_64"].packages) == 2
        assert client.package_proxy.get("alice", "kept", "hello").source_type == "unset"

        new = client.build_proxy.create_from_url("alice", "kept", "http://example.test/a.src.rpm")
        assert new.id == 3, "the number of the deleted build is not given out again"
        client.project_proxy.fork("alice", "kept", "alice", "copy")
        client.project_proxy.delete("alice", "copy")


def test_an_upgrade_happens_once(folder):
    for _ in range(2):
        with LocalCopr(folder, builders=0):
            changed = (folder / "copr.db.old").stat().st_mtime_ns
    assert (folder / "copr.db.old").stat().st_mtime_ns == changed


def test_an_upgrade_that_fails_leaves_the_old_database(folder):
    (folder / "copr.db.new").mkdir()
    with pytest.raises(LocalCoprError, match=r"copr\.db cannot be used"):
        LocalCopr(folder).start()
    (folder / "copr.db.new").rmdir()
    test_what_an_older_version_left_is_there_and_can_be_worked_with(folder)
