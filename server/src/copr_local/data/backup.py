"""Backups: copies of a data folder, which a service may be using meanwhile.

- The database is copied first, always to an SQLite file: so a backup can be served anywhere. Files of builds
  that start later are orphans in the copy, and do no harm.
- The service that serves the copy writes the metadata of all repositories again, because it may have changed
  during the backup.
- Not copied: work directories of running builds, and the sockets that gpg leaves next to keys.
"""

from __future__ import annotations

import os
import shutil
import stat
from fnmatch import fnmatchcase
from pathlib import Path

from .data_folder import DataFolder
from .database import Database

PRIVATE_FOLDER = 0o700  # a backup contains tokens of clients and secrets of webhooks
_NOT_COPIED = (
    "copr.db*",
    "database.url",
    "database.id",
    "lock",
    "incoming",
    "trash",
    "roots",
    "sign-in-links",
    "pages.secret",
)
_OF_PROJECTS = 3  # results/OWNER/PROJECT may begin with a dot; deeper hidden folders are work directories


def back_up(database: Database, target: Path) -> None:
    """Copy a data folder to a new one.

    The copy is made next to the target and renamed at the end, so the target exists only if it is complete.
    An error of SQLite may be raised as ``sqlite3.Error``.

    :param database: the open database of the data folder.
    :param target: the new folder; its parents are created.
    :raises OSError: the disk is full, a file cannot be read, or the target exists or cannot be written.
    :raises DBAPIError: the database cannot be read.
    :raises DataFolderError: the copy of the database cannot be opened.
    """
    with database.reading() as tx:
        data_folder = tx.data_folder
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(PRIVATE_FOLDER, parents=True)
    try:
        database.save(partial / "copr.db")
        _copy_files(data_folder.path, partial)
        _write_repositories_anew(partial)
        partial.chmod(PRIVATE_FOLDER)  # copying the files also copied the mode of the data folder
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _copy_files(source: Path, target: Path) -> None:
    """Copy all files of a data folder that belong into a backup, except the database."""

    def left_out(folder: str, names: list[str]) -> list[str]:
        inner = Path(folder).relative_to(source).parts
        return [name for name in names if not _is_copied((*inner, name), os.path.join(folder, name))]

    try:
        shutil.copytree(source, target, symlinks=True, ignore=left_out, dirs_exist_ok=True)
    except shutil.Error as errors:
        for original, _, reason in errors.args[0]:
            if os.path.lexists(original):  # a running service may remove files during the backup
                raise OSError(f"{original} could not be copied: {reason}") from errors


def _is_copied(inner: tuple[str, ...], path: str) -> bool:
    """Return True if a backup contains a file; `inner` has the parts of its path in the data folder."""
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
    """Request that the service writes the metadata of all repositories in a copied data folder again."""
    data_folder = DataFolder(data, lambda _repository: None)
    database = Database(data_folder)
    try:
        with database.writing() as tx:
            for repodata in data_folder.results.glob("*/*/**/repodata"):
                tx.update_repository(repodata.parent)
    finally:
        database.close()
