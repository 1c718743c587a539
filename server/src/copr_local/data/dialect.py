"""The two databases: SQLite in the data folder by default, or PostgreSQL.

All that differs between them is in `sqlite.py` and `postgresql.py`, and in `column_types.py`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from .data_folder import DataFolder, DataFolderError

if TYPE_CHECKING:
    from .postgresql import PostgreSQL

EXAMPLE = "postgresql+psycopg://USER@HOST/DATABASE"


class Dialect(Protocol):
    """An open database, as `Database` uses it."""

    name: str
    """What messages call it: a path, or a URL without its password."""
    readers: Engine
    """Its transactions see one state of the database."""
    pollers: Engine
    """Each of its statements may see a newer state."""
    writers: Engine
    """Its transactions begin with the write lock of all processes."""

    def version(self) -> int:
        """Return a number that changes with every commit of any process.

        :returns: the number; it only tells whether two calls have the same version.
        """

    def join(self, news: Callable[[bool, bool], None], *, is_alone: bool) -> None:
        """Become one of the service processes on this database.

        :param news: is called after commits of other processes: with True if maintenance is needed, and with
            True if messages wait.
        :param is_alone: True if no other process serves the data folder.
        :raises DataFolderError: the database cannot be used, or it is used with another data folder.
        """

    def is_leading(self) -> bool:
        """Return True if this process starts builds, and does all else that only one process may do.

        :returns: True also for a process that has not joined the others.
        """

    def notify(self, session: Session, *, maintenance: bool, messages: bool) -> None:
        """Let a commit tell the other service processes what it leaves to do.

        :param session: the session of the transaction.
        :param maintenance: True if maintenance is needed.
        :param messages: True if messages wait.
        """

    def save(self, path: Path) -> None:
        """Copy the database to a new SQLite file, also while others write to it.

        :param path: the file.
        :raises DBAPIError: the database cannot be read, or the file cannot be written.
        """

    def load(self, path: Path) -> None:
        """Replace the content of the database by that of a file which `save` has written.

        :param path: the file.
        :raises DBAPIError: the file cannot be read, or the database cannot be written.
        """

    def close(self) -> None:
        """Close all connections."""


def open_dialect(data_folder: DataFolder, url: str | None, version: int) -> Dialect:
    """Open the database of a data folder; it is created or upgraded if needed.

    :param data_folder: the data folder. Its URL is stored there.
    :param url: URL of a PostgreSQL database; None for the one that the data folder has, or else SQLite. If
        the data folder has an SQLite database, its content is moved to the PostgreSQL database.
    :param version: version of the schema that this program knows.
    :returns: the open database.
    :raises DataFolderError: it cannot be used, is another program's database, or has a newer version.
    """
    stored = data_folder.database_url()
    wanted = url or stored
    if wanted is None:
        from .sqlite import SQLite

        return SQLite(data_folder.database, version)
    opened = _postgresql(wanted, version)
    try:
        _pair(data_folder, opened)
        if data_folder.database.exists():
            _move(data_folder.database, opened, version)
        if wanted != stored:
            data_folder.store_database_url(wanted)
    except BaseException:
        opened.close()
        raise
    with suppress(FileNotFoundError):
        data_folder.database.rename(data_folder.database.with_name("copr.db.moved"))
    return opened


def _pair(data_folder: DataFolder, database: PostgreSQL) -> None:
    """Refuse a data folder and a database that do not belong together; new ones do from now on."""
    path = data_folder.database
    if path.exists() and not database.is_empty():
        raise DataFolderError(
            f"{database.name} is not empty, but {path} exists: give an empty database, or move that file away"
        )
    stored = data_folder.database_id()
    found = database.folder_id()
    if found is None and stored is None:
        stored = secrets.token_hex(16)
        data_folder.store_database_id(stored)
        found = database.folder_id(stored)
    if found == stored:
        return
    if found is not None:
        raise DataFolderError(
            f"{database.name} does not belong to {data_folder.path} but to another data folder: give that one"
            " with --data, or another database with --database"
        )
    raise DataFolderError(
        f"{data_folder.path} has another database than {database.name}: give that one with --database. To use"
        f" this one from now on, remove {data_folder.database_id_file}"
    )


def _move(path: Path, target: PostgreSQL, version: int) -> None:
    """Copy the content of an SQLite database to an empty PostgreSQL database."""
    from .sqlite import SQLite

    SQLite(path, version).close()  # an old one is upgraded
    target.load(path)


def _postgresql(text: str, version: int) -> PostgreSQL:
    """Open a PostgreSQL database."""
    url = postgresql_url(text)
    with _needed_packages():
        from .postgresql import PostgreSQL

        return PostgreSQL(url, version)


def describe_postgresql(text: str) -> tuple[str, int, str]:
    """Return what a PostgreSQL server and its database are, and change nothing there.

    :param text: URL of the database.
    :returns: one line of text, the version of the tables (0 if there are none yet), and a warning if needed.
    :raises DataFolderError: it cannot be used, or is another program's database.
    """
    url = postgresql_url(text)
    with _needed_packages():
        from .postgresql import describe

        return describe(url)


@contextmanager
def _needed_packages() -> Iterator[None]:
    """Say what to install if a package is missing."""
    try:
        yield
    except ImportError as error:
        raise DataFolderError(
            f"PostgreSQL needs more packages ({error}): install 'copr-local[postgres]'"
        ) from error


def postgresql_url(text: str) -> URL:
    """Return the URL of a PostgreSQL database.

    :param text: the URL as users write it.
    :returns: the URL, with the driver that is used.
    :raises DataFolderError: the URL is not valid, or is of another kind of database.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise DataFolderError(f"{text} is not the URL of a database: use {EXAMPLE}") from error
    if url.drivername not in ("postgresql", "postgresql+psycopg"):
        shown = url.render_as_string(hide_password=True)
        raise DataFolderError(f"{shown} is not the URL of a PostgreSQL database: use {EXAMPLE}")
    return url.set(drivername="postgresql+psycopg")
