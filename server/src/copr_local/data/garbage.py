"""Finds and removes orphans: files that the database does not refer to, such as those left by a crash.

This is safe next to a running service: files are listed before the database is read, so a new file is never
mistaken for an orphan.
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
    """Return the folders of results and uploads that the database does not refer to.

    :param database: the open database.
    :param seconds: minimum age; folders that changed later than this are left out.
    :returns: paths of the orphans.
    """
    with database.reading() as tx:
        data_folder, now = tx.data_folder, tx.time
    present = [*_results(data_folder), *data_folder.uploads.glob("*")]
    with database.reading() as tx:
        wanted = set(_wanted(tx))
    return [path for path in present if path not in wanted and _changed(path) <= now - seconds]


def remove_orphans(database: Database, found: Iterable[Path]) -> int:
    """Remove orphans, except folders of projects that exist again by now.

    :param database: the open database.
    :param found: paths that `find_orphans` returned.
    :returns: number of bytes freed.
    """
    sizes = {path: _size(path) for path in found}
    in_repositories = {path for path in sizes if _is_in_repository(path)}
    with database.writing() as tx:
        # The folder of a project may be in use again by now. Build ids and names of uploads are never reused.
        unwanted = sizes.keys() - set(_wanted_directories(tx))
        for path in unwanted:
            tx.discard(path)
            if path in in_repositories:
                tx.update_repository(path.parent)
    tx.data_folder.empty_trash()
    return sum(sizes[path] for path in unwanted)


def _results(data_folder: DataFolder) -> Iterator[Path]:
    """Return the folders of all projects and builds in the results folder."""
    for owner in data_folder.results.glob("*"):
        for directory in owner.glob("*"):
            yield directory
            for build in directory.glob("*/[0-9]*"):
                if build.is_dir():
                    yield build


def _wanted(tx: Transaction) -> Iterator[Path]:
    """Return all paths that the database refers to."""
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
    """Return the folders of all projects in the database."""
    directories = select(Project.ownername, ProjectDir.name).join(ProjectDir.project)
    for ownername, name in tx.session.execute(directories):
        yield tx.data_folder.directory(ownername, name)


def _is_in_repository(path: Path) -> bool:
    """Return True if a folder is in a dnf repository."""
    return path.parent.name != layout.SOURCE_BUILDS and (path.parent / "repodata").exists()


def _folders(directory: Path) -> list[Path]:
    """Return the subfolders of a folder; none if it does not exist."""
    with suppress(FileNotFoundError):
        return [entry for entry in directory.iterdir() if entry.is_dir()]
    return []


def _changed(path: Path) -> float:
    """Return when a path last changed (unix time); infinity if it does not exist any more."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _size(path: Path) -> int:
    """Return the size of all files below a path, in bytes."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(FileNotFoundError):
                total += os.lstat(os.path.join(folder, name)).st_size
    return total
