"""What `copr-local doctor` says about the database of a data folder. Nothing in it is changed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from .data_folder import DataFolder, DataFolderError
from .database import SCHEMA_VERSION
from .dialect import describe_postgresql


def describe(data_folder: DataFolder) -> tuple[str, bool, str]:
    """Return what kind of database a data folder has, in which version, and the version of its tables.

    :param data_folder: the data folder; it has a database.
    :returns: one line of text, True if the tables are those of this program, and a warning, or nothing.
    :raises DataFolderError: the database cannot be used; the text says why.
    """
    url = data_folder.database_url()
    if url is not None:
        program, found, warning = describe_postgresql(url)
    else:
        program, found, warning = *_sqlite(data_folder.database), ""
    if found > SCHEMA_VERSION:
        raise DataFolderError(
            f"{program}: its tables have version {found}, and this program knows {SCHEMA_VERSION}: update it"
        )
    if found < SCHEMA_VERSION:
        text = f"{program}; the next start upgrades its tables from {found} to {SCHEMA_VERSION}"
        return text, False, warning
    return f"{program}; version {found} of the tables", True, warning


def _sqlite(path: Path) -> tuple[str, int]:
    """Return what the database file is, and the version of its tables."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA query_only = ON")
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute("SELECT count(*) FROM user").fetchone()
    except sqlite3.Error as error:
        raise DataFolderError(f"{path} cannot be used: {error}") from error
    return f"SQLite {sqlite3.sqlite_version}, {path}", version
