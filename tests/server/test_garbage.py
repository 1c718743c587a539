"""Orphans in a folder that is in use: what is needed again before the removal stays, and nothing waits."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from copr_local import LocalCopr
from copr_local.data import garbage
from copr_local.data.garbage import find_orphans, remove_orphans


def make_litter(copr: LocalCopr, name: str) -> Path:
    folder = copr.data / "results/local" / name
    folder.mkdir(parents=True)
    (folder / "file").write_text("x" * 100)
    return folder


def test_a_project_that_was_added_since_litter_was_looked_for_is_kept(api: Any, copr: LocalCopr) -> None:
    wanted, unwanted = make_litter(copr, "hello"), make_litter(copr, "gone")
    found = find_orphans(copr.database, seconds=0)
    assert set(found) == {wanted, unwanted}
    api.project("hello")
    assert remove_orphans(copr.database, found) == 100
    assert (wanted / "fedora-45-x86_64/repodata/repomd.xml").exists()
    assert not unwanted.exists()


def test_others_write_while_litter_is_measured(
    copr: LocalCopr, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_litter(copr, "gone")
    size = garbage._size

    def slowly(path: Path) -> int:
        writer = threading.Thread(target=api.project, daemon=True)
        writer.start()
        writer.join(10)
        assert not writer.is_alive()
        return size(path)

    monkeypatch.setattr(garbage, "_size", slowly)
    assert remove_orphans(copr.database, [folder]) == 100
