"""All of a service's state, kept and brought back: quickly, for use between tests.

The database is copied by SQLite, page by page; files are hard links. That is safe, because nothing that is
published is written again in place: it is renamed away or removed, and the link stays. Builds may go on while
a snapshot is taken: where they work is left out, and they begin anew when it comes back.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from ..data.data_folder import DataFolder
from .clock import Clock
from .script import Rule, Script


@dataclass(frozen=True)
class Snapshot:
    """What a service was at some moment; it lies in the service's data folder and ends with that."""

    folder: Path
    offset: float
    rules: tuple[Rule, ...]


def take(data_folder: DataFolder, clock: Clock, script: Script) -> Snapshot:
    """Keep the state. Nobody may write to the database meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="snapshot-", dir=data_folder.incoming))
    _copy_database(data_folder.database, folder / "copr.db")
    for kept, live in _folders(folder, data_folder):
        _link(live, kept)
    return Snapshot(folder, clock.offset, script.rules)


def bring_back(snapshot: Snapshot, data_folder: DataFolder, clock: Clock, script: Script) -> None:
    """Make the state what it was. Nobody may work on it meanwhile."""
    _copy_database(snapshot.folder / "copr.db", data_folder.database)
    for kept, live in _folders(snapshot.folder, data_folder):
        data_folder.discard(live)
        _link(kept, live)
    script.rules = snapshot.rules
    clock.offset = snapshot.offset


def _folders(snapshot: Path, data_folder: DataFolder) -> list[tuple[Path, Path]]:
    return [(snapshot / live.name, live) for live in (data_folder.results, data_folder.uploads)]


def _link(source: Path, target: Path, depth: int = 0) -> None:
    """Link a folder's files, but hidden ones below a project's folder, and what vanishes meanwhile."""
    target.mkdir()
    with suppress(FileNotFoundError):
        for entry in list(os.scandir(source)):
            if depth >= 2 and entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                _link(Path(entry.path), target / entry.name, depth + 1)
                continue
            with suppress(FileNotFoundError):
                os.link(entry.path, target / entry.name, follow_symlinks=False)
        shutil.copystat(source, target)


def _copy_database(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
        original.backup(copy)
