"""The database: SQLite, one file, one process.

- WAL, so readers never wait for the writer; foreign keys are enforced; `synchronous = NORMAL`: a commit
  survives the death of the process, and power loss at worst takes the last few.
- A writing transaction begins with BEGIN IMMEDIATE. It holds the write lock from its first statement on,
  and what it read cannot change before it writes. Inside the process a lock queues the writers: SQLite's
  own waiting is a sleep.
- Files are removed and copied after the commit, as rows of the transaction say: see `file_changes`.
- The version of the schema is in `PRAGMA user_version`. A database of an older version is upgraded, one of a
  newer version is not touched.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from .. import releases
from . import deferred_file_changes
from .data_folder import DataFolder, DataFolderError
from .migrations import upgrade
from .models import Base, FileChange, RepositoryUpdate

SCHEMA_VERSION = 3
BUSY_TIMEOUT = 10_000  # milliseconds
PRIVATE = 0o600  # the secrets of webhooks are in it; SQLite's other files take the mode of the first
CONNECTIONS = 64
BREATH = 0.001  # seconds in which a thread that waits for the lock gets it

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Transaction:
    """What a rule works with: the database's session, the files, the time (unix, UTC, seconds), and the
    timeout of builds for which nobody says one (seconds)."""

    session: Session
    data_folder: DataFolder
    time: float
    default_timeout: int
    _file_changes: list[FileChange] = field(default_factory=list)

    def discard(self, path: Path) -> None:
        """Take a folder away once the transaction is committed; if it is not, the folder stays."""
        self._add(deferred_file_changes.change(self.data_folder, path))

    def copy(self, source: Path, target: Path) -> None:
        """Copy a folder, if it is there, to one that is not, once the transaction is committed."""
        self._add(deferred_file_changes.change(self.data_folder, target, source))

    def settle(self, path: Path) -> None:
        """Carry out what earlier transactions said of a folder, before this one makes it anew.

        :raises OSError: that cannot be done.
        """
        deferred_file_changes.settle(self.session, self.data_folder, path, self._file_changes)

    def update_repository(self, repository: Path) -> None:
        """Request that the metadata of a repository is written again once the transaction is committed.

        The request is a row, so it survives the process.

        :param repository: a folder below the results folder.
        """
        self.session.add(RepositoryUpdate(directory=self.data_folder.relative(repository)))

    def _add(self, change: FileChange) -> None:
        self.session.add(change)
        self._file_changes.append(change)

    @property
    def now(self) -> int:
        """The time in whole seconds, as all of it is kept."""
        return int(self.time)


class Database:
    """The database of a data folder.

    :param data_folder: the data folder, its lock held.
    :param clock: seconds of unix time, UTC.
    :param default_timeout: that of transactions.
    :raises DataFolderError: the file is no database of ours, or one of a newer version.
    """

    def __init__(
        self,
        data_folder: DataFolder,
        clock: Callable[[], float] = time.time,
        default_timeout: int = releases.TIMEOUT,
    ) -> None:
        self._data_folder = data_folder
        self._clock = clock
        self._default_timeout = default_timeout
        self._writer = threading.Lock()
        self._closed = False
        self.committed: Callable[[], None] = lambda: None
        is_new = _prepare(data_folder.database)
        self._engine = _engine(data_folder.database)
        self._watch = sqlite3.connect(data_folder.database, isolation_level=None, check_same_thread=False)
        self._watching = threading.Lock()
        self._read = sessionmaker(self._engine, expire_on_commit=False)
        self._write = sessionmaker(self._engine.execution_options(immediate=True), expire_on_commit=False)
        if is_new:
            with self._engine.execution_options(immediate=True).begin() as connection:
                Base.metadata.create_all(connection)
                connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """A transaction that sees one state of the database and changes nothing."""
        with self._read() as session:
            yield self._transaction(session)

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """A transaction that is committed at the end, or rolled back when an exception leaves it.

        After the commit its changes of files are carried out. Then `committed` is called, on this thread:
        that is how the builders hear of new work.
        """
        with self._writer:
            if self._closed:
                raise RuntimeError("the database is closed: another process may serve its folder by now")
            with self._write.begin() as session:
                transaction = self._transaction(session)
                yield transaction
        if transaction._file_changes:
            self.carry_out()
        self.committed()

    def carry_out(self) -> bool:
        """Carry out all changes of files that were committed; others can write in between.

        Whether nothing is left. What is cannot be done now, as the log says: ask again later.
        """
        reached: int | None = 0
        is_good = True
        try:
            while reached is not None:
                with self._writer:
                    if self._closed:
                        return False
                    with self._write.begin() as session:
                        progress = deferred_file_changes.carry_out(session, self._data_folder, reached)
                reached, is_good = progress.reached, is_good and progress.is_good
                if reached is not None:
                    time.sleep(BREATH)
        except OperationalError as error:  # the files may be as wanted, and the rows are still there
            log.warning("files cannot be removed or copied yet: %s", error.orig)
            return False
        return is_good

    def settle(self, path: Path) -> None:
        """See that the files of a folder are what was committed.

        :raises OSError: some cannot be removed or copied yet.
        """
        if self._is_pending(path):
            self.carry_out()
            if self._is_pending(path):
                raise OSError(f"files of {path} could not be removed or copied yet, as was asked")

    def _is_pending(self, path: Path) -> bool:
        with self.reading() as tx:
            return bool(deferred_file_changes.pending(tx.session, self._data_folder, path))

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """Let no thread of this process write, for what takes the database and the files as one."""
        with self._writer:
            yield

    def time(self) -> float:
        """The time by the service's clock (unix, UTC, seconds)."""
        return self._clock()

    def version(self) -> int:
        """A number that every commit changes, whichever process makes it."""
        with self._watching:
            (number,) = self._watch.execute("PRAGMA data_version").fetchone()
        return int(number)

    def close(self) -> None:
        """Close all connections; nothing is written after this."""
        with self._writer:
            self._closed = True
        with self._watching:
            self._watch.close()
        self._engine.dispose()

    def _transaction(self, session: Session) -> Transaction:
        return Transaction(session, self._data_folder, self._clock(), self._default_timeout)


def _prepare(path: Path) -> bool:
    """Whether the database is new; upgrades an old one, and leaves one that is not ours as it is."""
    try:
        path.touch(PRIVATE)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            if version > SCHEMA_VERSION:
                raise DataFolderError(
                    f"{path} was written by a newer copr-local (database version {version}, this program"
                    f" knows {SCHEMA_VERSION}): update copr-local, or choose another folder with --data"
                )
            if version == 0 and tables:
                raise DataFolderError(
                    f"{path} is some other program's database: choose another folder with --data"
                )
        if 0 < version < SCHEMA_VERSION:
            upgrade(path, SCHEMA_VERSION)
        path.chmod(PRIVATE)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        return bool(version == 0)
    except (sqlite3.Error, DBAPIError, OSError) as error:
        raise DataFolderError(
            f"{path} cannot be used ({error}): choose another folder with --data"
        ) from error


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        pool_size=CONNECTIONS,
        max_overflow=-1,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would come too late: BEGIN is ours
        for pragma in ("foreign_keys = ON", f"busy_timeout = {BUSY_TIMEOUT}", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine
