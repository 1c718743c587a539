"""Snapshots of the whole state of a service, stored and restored quickly, for use between tests.

The database is copied to a file; files are hard links. That is safe, because published files are never
changed in place: they are replaced or removed, and the link keeps the old content. Builds may run while a
snapshot is taken: their working folders are left out, and the builds start again when it is restored.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..data.data_folder import DataFolder
from ..data.database import Database
from .clock import Clock
from .script import Rule, Script


@dataclass(frozen=True)
class Snapshot:
    """The state of a service at one moment; it is stored in the service's data folder and removed with it.

    :param folder: folder with the copies of the database and the files.
    :param offset: how many seconds the service's clock is ahead of the machine's.
    :param rules: rules of the script.
    """

    folder: Path
    offset: float
    rules: tuple[Rule, ...]


def take(database: Database, data_folder: DataFolder, clock: Clock, script: Script) -> Snapshot:
    """Store the state of a service. Nothing else may write to the database meanwhile.

    :param database: the database of the service.
    :param data_folder: the data folder of the service.
    :param clock: the clock of the service.
    :param script: the rules of scripted builds.
    :returns: the stored state.
    :raises OSError: the copies cannot be written, for example on a full disk.
    """
    folder = Path(tempfile.mkdtemp(prefix="snapshot-", dir=data_folder.incoming))
    database.save(folder / "copr.db")
    for kept, live in _folders(folder, data_folder):
        kept.mkdir()
        _link(live, kept)
    return Snapshot(folder, clock.offset, script.rules)


def bring_back(
    snapshot: Snapshot, database: Database, data_folder: DataFolder, clock: Clock, script: Script
) -> None:
    """Restore a stored state. Nothing else may use the service's data meanwhile.

    :param snapshot: the stored state; it can be restored again later.
    :param database: the database of the service.
    :param data_folder: the data folder of the service.
    :param clock: the clock of the service.
    :param script: the rules of scripted builds.
    :raises OSError: the files cannot be restored, for example on a full disk.
    """
    database.load(snapshot.folder / "copr.db")
    for kept, live in _folders(snapshot.folder, data_folder):
        _make_equal(live, kept, data_folder)
    script.rules = snapshot.rules
    clock.offset = snapshot.offset


def _folders(snapshot: Path, data_folder: DataFolder) -> list[tuple[Path, Path]]:
    return [(snapshot / live.name, live) for live in (data_folder.results, data_folder.uploads)]


def _link(source: Path, target: Path, depth: int = 0) -> None:
    """Link the files of a folder, without hidden files below a project's folder and files that disappear."""
    with suppress(FileNotFoundError):
        for entry in list(os.scandir(source)):
            if depth >= 2 and entry.name.startswith("."):
                continue
            with suppress(FileNotFoundError):
                _link_one(entry, target / entry.name, depth)
        shutil.copystat(source, target)


def _link_one(entry: os.DirEntry[str], target: Path, depth: int = 0) -> None:
    """Link a file to a new name, or the files of a folder."""
    if entry.is_dir(follow_symlinks=False):
        target.mkdir()
        _link(Path(entry.path), target, depth + 1)
    else:
        os.link(entry.path, target, follow_symlinks=False)


def _make_equal(live: Path, kept: Path, data_folder: DataFolder) -> None:
    """Make a folder equal to the stored one. Between two tests little changes, so only that is replaced."""
    present = {entry.name: entry for entry in os.scandir(live)}
    for entry in os.scandir(kept):
        path, other = live / entry.name, present.pop(entry.name, None)
        if other is None:
            _link_one(entry, path)
        elif entry.is_dir(follow_symlinks=False) and other.is_dir(follow_symlinks=False):
            _make_equal(path, Path(entry.path), data_folder)
        elif not os.path.samestat(entry.stat(follow_symlinks=False), other.stat(follow_symlinks=False)):
            data_folder.discard(path)
            _link_one(entry, path)
    for name in present:
        data_folder.discard(live / name)
    shutil.copystat(kept, live)
