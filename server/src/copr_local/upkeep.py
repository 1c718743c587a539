"""Upkeep of a data folder, next to a service that may be running: finding litter, removing it, and copies.

- Files are listed before the database is read. What comes up between is in neither list of litter.
- In a copy, the database comes first: files of builds that it does not know are litter, and no more. Its
  repositories are written anew when it is served, since their metadata may have changed while it was copied.
- What builds are working on is not copied, nor what is neither file, folder nor link: gpg leaves sockets next
  to keys.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from sqlalchemy import select

from .db import Database, Transaction
from .models import Build, Package, Project, ProjectDir
from .rules import results
from .storage import Storage

PRIVATE_FOLDER = 0o700  # tokens of clients and secrets of webhooks are in a backup
_NOT_COPIED = ("copr.db*", "lock", "incoming", "trash")
_OF_PROJECTS = 3  # results/OWNER/PROJECT may begin with a dot; what does below that is work


def litter(database: Database, seconds: float) -> list[Path]:
    """Folders of results and uploads that nothing refers to, and that were not changed for some time."""
    with database.reading() as tx:
        storage, now = tx.storage, tx.time
    present = [*_results(storage), *storage.uploads.glob("*")]
    with database.reading() as tx:
        wanted = set(_wanted(tx))
    return [path for path in present if path not in wanted and _changed(path) <= now - seconds]


def collect(database: Database, found: Iterable[Path]) -> int:
    """Remove litter; the answer is how many bytes that freed."""
    sizes = {path: _size(path) for path in found}
    in_repositories = {path for path in sizes if _is_in_repository(path)}
    with database.writing() as tx:
        # A folder of a project may be wanted by now; numbers of builds and names of uploads do not come back.
        unwanted = sizes.keys() - set(_wanted_directories(tx))
        for path in unwanted:
            tx.discard(path)
            if path in in_repositories:
                results.update_repository(tx, path.parent)
    tx.storage.empty_trash()
    return sum(sizes[path] for path in unwanted)


def copy(database: Database, target: Path) -> None:
    """Copy a data folder to one that does not exist; it is there when all of it is.

    :raises OSError: the disk is full, or `target` cannot be written.
    """
    with database.reading() as tx:
        storage = tx.storage
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(PRIVATE_FOLDER, parents=True)
    try:
        with (
            closing(sqlite3.connect(storage.database)) as original,
            closing(sqlite3.connect(partial / "copr.db")) as copied,
        ):
            original.backup(copied)
        _copy_files(storage.data, partial)
        _write_repositories_anew(partial)
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _results(storage: Storage) -> Iterator[Path]:
    """Folders of builds, and folders of projects: each is somebody's, or litter."""
    for owner in storage.results.glob("*"):
        for directory in owner.glob("*"):
            yield directory
            for build in directory.glob("*/[0-9]*"):
                if build.is_dir():
                    yield build


def _wanted(tx: Transaction) -> Iterator[Path]:
    """What the database refers to."""
    yield from _wanted_directories(tx)
    builds = (
        select(Build.id, Build.source, Build.source_state, Project.ownername, ProjectDir.name, Package.name)
        .join(Build.project)
        .join(Build.dir)
        .outerjoin(Build.package)
    )
    folders = cache(_folders)
    for number, source, source_state, ownername, name, package in tx.session.execute(builds):
        directory = tx.storage.directory(ownername, name)
        yield directory / "srpm-builds" / f"{number:08d}"
        for chroot in folders(directory):
            yield chroot / f"{number:08d}-{package}"
        if source_state in ("pending", "starting", "running") and "tmp" in source:
            yield tx.storage.uploads / source["tmp"]


def _wanted_directories(tx: Transaction) -> Iterator[Path]:
    directories = select(Project.ownername, ProjectDir.name).join(ProjectDir.project)
    for ownername, name in tx.session.execute(directories):
        yield tx.storage.directory(ownername, name)


def _is_in_repository(path: Path) -> bool:
    return path.parent.name != "srpm-builds" and (path.parent / "repodata").exists()


def _folders(directory: Path) -> list[Path]:
    with suppress(FileNotFoundError):
        return [entry for entry in directory.iterdir() if entry.is_dir()]
    return []


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _size(path: Path) -> int:
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.lstat(os.path.join(folder, name)).st_size
    return total


def _copy_files(source: Path, target: Path) -> None:
    def left_out(folder: str, names: list[str]) -> list[str]:
        inner = Path(folder).relative_to(source).parts
        return [name for name in names if not _is_copied((*inner, name), os.path.join(folder, name))]

    try:
        shutil.copytree(source, target, symlinks=True, ignore=left_out, dirs_exist_ok=True)
    except shutil.Error as errors:
        for original, _, reason in errors.args[0]:
            if os.path.lexists(original):  # else it was removed meanwhile, as it may be
                raise OSError(f"{original} could not be copied: {reason}") from errors


def _is_copied(inner: tuple[str, ...], path: str) -> bool:
    """Whether a backup has what is at `path`; `inner` are its parts in the data folder."""
    if len(inner) == 1 and any(fnmatchcase(inner[0], pattern) for pattern in _NOT_COPIED):
        return False
    if len(inner) > _OF_PROJECTS and inner[0] == "results" and inner[-1].startswith("."):
        return False
    try:
        kind = stat.S_IFMT(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False
    return kind in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK)


def _write_repositories_anew(data: Path) -> None:
    storage = Storage(data, lambda _repository: None)
    database = Database(storage)
    try:
        with database.writing() as tx:
            for repodata in storage.results.glob("*/*/**/repodata"):
                results.update_repository(tx, repodata.parent)
    finally:
        database.close()
