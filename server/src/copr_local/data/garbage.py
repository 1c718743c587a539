"""Finds and removes what nothing in the database refers to: what a crash or a full disk may leave behind.

This works next to a running service. Files are listed before the database is read, so a file that appears in
between is never taken for an orphan.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from sqlalchemy import select

from ..filesystem import layout
from .data_folder import DataFolder
from .database import Database, Transaction
from .models import Build, Package, Project, ProjectDir


def find_orphans(database: Database, seconds: float) -> list[Path]:
    """Folders of results and uploads that nothing refers to, and that were not changed for some time."""
    with database.reading() as tx:
        data_folder, now = tx.data_folder, tx.time
    present = [*_results(data_folder), *data_folder.uploads.glob("*")]
    with database.reading() as tx:
        wanted = set(_wanted(tx))
    return [path for path in present if path not in wanted and _changed(path) <= now - seconds]


def remove_orphans(database: Database, found: Iterable[Path]) -> int:
    """Remove litter; the answer is how many bytes that freed."""
    sizes = {path: _size(path) for path in found}
    in_repositories = {path for path in sizes if _is_in_repository(path)}
    with database.writing() as tx:
        # A folder of a project may be wanted by now; numbers of builds and names of uploads do not come back.
        unwanted = sizes.keys() - set(_wanted_directories(tx))
        for path in unwanted:
            tx.discard(path)
            if path in in_repositories:
                tx.update_repository(path.parent)
    tx.data_folder.empty_trash()
    return sum(sizes[path] for path in unwanted)


def _results(data_folder: DataFolder) -> Iterator[Path]:
    """Folders of builds, and folders of projects: each is somebody's, or litter."""
    for owner in data_folder.results.glob("*"):
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
        directory = tx.data_folder.directory(ownername, name)
        yield directory / layout.SOURCE_BUILDS / layout.source_build(number)
        for chroot in folders(directory):
            yield chroot / layout.chroot_build(number, package)
        if source_state in ("pending", "starting", "running") and "tmp" in source:
            yield tx.data_folder.uploads / source["tmp"]


def _wanted_directories(tx: Transaction) -> Iterator[Path]:
    directories = select(Project.ownername, ProjectDir.name).join(ProjectDir.project)
    for ownername, name in tx.session.execute(directories):
        yield tx.data_folder.directory(ownername, name)


def _is_in_repository(path: Path) -> bool:
    return path.parent.name != layout.SOURCE_BUILDS and (path.parent / "repodata").exists()


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
