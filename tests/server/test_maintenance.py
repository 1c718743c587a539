"""Maintenance: work that fails is retried later, and does not block other work."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from copr_local.data.data_folder import DataFolder
from copr_local.data.database import Database
from copr_local.data.pending_work import RepositoryUpdate
from copr_local.rules import expiry
from copr_local.worker.maintenance import POLL_INTERVAL, Maintenance


class Metadata:
    """A writer of metadata that fails for repositories in `broken`, and records the times of all requests."""

    def __init__(self) -> None:
        self.time = 0.0
        self.broken = {"bad"}
        self.asked: dict[str, list[float]] = {}

    def clock(self) -> float:
        return self.time

    def write(self, directory: Path) -> None:
        self.asked.setdefault(directory.name, []).append(self.time)
        if directory.name in self.broken:
            raise OSError("disk full")


def wish(database: Database, data_folder: DataFolder, *names: str) -> None:
    for name in names:
        (data_folder.results / name).mkdir(exist_ok=True)
        with database.writing() as tx:
            tx.update_repository(data_folder.results / name)


def requested(database: Database) -> set[str]:
    with database.reading() as tx:
        return set(tx.session.scalars(select(RepositoryUpdate.directory)))


def test_a_repository_that_cannot_be_written_waits_longer_and_longer_and_others_do_not(
    database: Database, data_folder: DataFolder
) -> None:
    metadata = Metadata()
    house = Maintenance(database, metadata.write, metadata.clock)
    wish(database, data_folder, "bad", "good")
    for half in range(2 * 200):  # as often as in a busy service
        metadata.time = half / 2
        wish(database, data_folder, "good")
        assert 0 < house.run() <= POLL_INTERVAL
    assert metadata.asked["bad"] == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5, 123.5, 183.5]
    assert len(metadata.asked["good"]) == 2 * 200
    assert requested(database) == {"bad"}

    metadata.broken.clear()
    metadata.time = 1000
    house.run()
    assert requested(database) == set()
    metadata.broken, metadata.time = {"bad"}, 1001
    wish(database, data_folder, "bad")
    assert house.run() == 0.5, "it begins with short pauses again"


def test_it_looks_again_in_time_for_what_it_put_off(database: Database, data_folder: DataFolder) -> None:
    metadata = Metadata()
    house = Maintenance(database, metadata.write, metadata.clock)
    assert house.run() == POLL_INTERVAL
    wish(database, data_folder, "bad")
    assert house.run() == 0.5
    metadata.time = 0.4
    assert house.run() == pytest.approx(0.1)


def test_a_chore_that_goes_wrong_keeps_no_other_from_being_done(
    database: Database,
    data_folder: DataFolder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_tx: object) -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(expiry, "is_anything_due", fail)
    (data_folder.trash / "old").mkdir()
    wish(database, data_folder, "good")
    Maintenance(database, Metadata().write).run()
    assert requested(database) == set()
    assert not list(data_folder.trash.iterdir())
    assert "ZeroDivisionError" in caplog.text
