"""SQLite: a file in the data folder, for one process.

- In WAL mode readers never wait for the writer. With `synchronous = NORMAL` a commit survives the death of
  the process; a power failure may lose the last few commits.
- A writing transaction begins with BEGIN IMMEDIATE, which takes the write lock.
- `PRAGMA user_version` holds the version of the schema, and `PRAGMA data_version` changes with each commit.
- SQLAlchemy keeps compiled SQL for each engine, and compiling takes longer than running it. All engines of a
  process share it here, so a program that starts many services, such as a suite of tests, compiles it once.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache

from .data_folder import DataFolderError
from .migrations import upgrade
from .outages import Cause, name_outages
from .tables import create_tables

PRIVATE = 0o600  # the file contains secrets of webhooks; SQLite's other files get the same mode
BUSY_TIMEOUT = 10_000  # milliseconds
SYNCHRONOUS = "NORMAL"  # a commit does not wait for the disk
CONNECTIONS = 64
STATEMENTS = 1000  # more than the service has

_compiled: LRUCache[Any, Any] = LRUCache(STATEMENTS)
_PRIMARY = 0xFF  # the bits of an error code that say what kind of error it is
_CAUSES = {
    sqlite3.SQLITE_FULL: Cause.FULL_DISK,
    sqlite3.SQLITE_BUSY: Cause.LOCKED,
    sqlite3.SQLITE_LOCKED: Cause.LOCKED,
    sqlite3.SQLITE_CANTOPEN: Cause.UNAVAILABLE,
    sqlite3.SQLITE_IOERR: Cause.UNAVAILABLE,
    sqlite3.SQLITE_NOMEM: Cause.UNAVAILABLE,
    sqlite3.SQLITE_PROTOCOL: Cause.UNAVAILABLE,
    sqlite3.SQLITE_READONLY: Cause.UNAVAILABLE,
}


class SharedDialect(SQLiteDialect_pysqlite):
    """SQLite's dialect. All its instances are equal, since they compile the same SQL."""

    supports_statement_cache = True  # each class of a dialect has to say so

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


registry.register("sqlite.shared", __name__, SharedDialect.__name__)


class SQLite:
    """The database file of a data folder; it is created or upgraded if needed.

    :param path: the database file.
    :param version: version of the schema that this program knows.
    :raises DataFolderError: the file cannot be used, is another program's database, or has a newer version.
    """

    def __init__(self, path: Path, version: int) -> None:
        self.name = str(path)
        self._path = path
        is_new = _prepare(path, version)
        self.readers = self.pollers = open_engine(path)
        self.writers: Engine = self.readers.execution_options(immediate=True)
        self._watch = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._watching = threading.Lock()
        if is_new:
            with self.writers.begin() as connection:
                create_tables(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {version}")

    def version(self) -> int:
        """Return a number that changes with every commit of any process.

        :returns: the number; it only tells whether two calls have the same version.
        """
        with self._watching:
            (number,) = self._watch.execute("PRAGMA data_version").fetchone()
        return int(number)

    def join(self, news: Callable[[bool, bool], None], *, is_alone: bool) -> None:
        """Do nothing: the lock of the data folder lets only one process serve it.

        :param news: is never called.
        :param is_alone: True.
        """

    def is_leading(self) -> bool:
        """Return True: there is no other process.

        :returns: True.
        """
        return True

    def notify(self, session: Session, *, maintenance: bool, messages: bool) -> None:
        """Do nothing: there is no other process.

        :param session: the session of the transaction.
        :param maintenance: True if maintenance is needed.
        :param messages: True if messages wait.
        """

    def save(self, path: Path) -> None:
        """Copy the database to a new file, also while others write to it.

        An error of SQLite is raised as ``sqlite3.Error``.

        :param path: the file.
        """
        _copy(self._path, path)

    def load(self, path: Path) -> None:
        """Replace the content of the database by that of a file.

        An error of SQLite is raised as ``sqlite3.Error``.

        :param path: the file.
        """
        _copy(path, self._path, SYNCHRONOUS)

    def close(self) -> None:
        """Close all connections."""
        with self._watching:
            self._watch.close()
        self.readers.dispose()


def _copy(source: Path, target: Path, synchronous: str = "FULL") -> None:
    """Copy a database file; by default, the copy is on the disk in the end."""
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as copy:
        copy.execute(f"PRAGMA synchronous = {synchronous}")
        original.backup(copy)


def open_engine(path: Path) -> Engine:
    """Return an engine that sets up each connection, and begins each transaction, as this module describes.

    :param path: the database file.
    :returns: the engine. With the execution option `immediate`, a transaction begins with the write lock.
    """
    engine = create_engine(
        URL.create("sqlite+shared", database=str(path)),
        pool_size=CONNECTIONS,
        max_overflow=-1,
        hide_parameters=True,  # what users sent is not written to the log
        connect_args={"check_same_thread": False},
        execution_options={"compiled_cache": _compiled},
    )
    name_outages(engine, _cause)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver would send BEGIN too late: `begin` below sends it
        for pragma in ("foreign_keys = ON", f"busy_timeout = {BUSY_TIMEOUT}", f"synchronous = {SYNCHRONOUS}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _cause(context: ExceptionContext) -> Cause | None:
    """Return the cause of an outage by SQLite's error code; None if the error is another one."""
    code: int = getattr(context.original_exception, "sqlite_errorcode", 0)
    return _CAUSES.get(code & _PRIMARY)


def _prepare(path: Path, known: int) -> bool:
    """Create or upgrade the database file, and return True if it is new."""
    try:
        path.touch(PRIVATE)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if version > known:
                raise DataFolderError(
                    f"{path} was written by a newer copr-local (database version {version}, this program"
                    f" knows {known}): update copr-local, or choose another folder with --data"
                )
            if version == 0 and tables:
                raise DataFolderError(
                    f"{path} is some other program's database: choose another folder with --data"
                )
        if 0 < version < known:
            upgrade(path, known)
        path.chmod(PRIVATE)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        return bool(version == 0)
    except (sqlite3.Error, DBAPIError, OSError) as error:
        raise DataFolderError(
            f"{path} cannot be used ({error}): choose another folder with --data"
        ) from error
