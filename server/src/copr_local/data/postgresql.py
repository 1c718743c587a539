"""PostgreSQL: a database of a server that other processes can reach, too.

- The table `commit_number` has one row. The first statement of a writing transaction increments its number:
  this takes the write lock of all processes, and it is the number that changes with every commit.
- Readers see one state of the database (REPEATABLE READ). Writers see all that was committed before they got
  the lock (READ COMMITTED).
- The driver never begins a transaction by itself. `SharedDialect.do_begin` sends BEGIN together with the
  statement that takes the lock, so that a writer waits for one response less.
- The server ends a writing transaction whose process does nothing in it for some seconds, since it is frozen
  or cut off: else all other processes would wait for it.
- A pooled connection that the server has closed, for example at its restart, is found before its next use: an
  idle connection has nothing to read.
- Alembic upgrades older databases in place, see `postgresql_versions/`.
"""

from __future__ import annotations

import logging
import secrets
import select
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache

from . import copying
from .data_folder import DataFolderError
from .models import Base
from .outages import Cause, name_outages
from .postgresql_members import lack_of_connections, wait_for_their_end
from .postgresql_processes import CHANNEL, MAINTENANCE, MESSAGES, SILENCE, Processes
from .tables import create_tables

READERS, POLLERS = 30, 4  # most connections; a server has 100 by default
STATEMENTS = 1000  # more than the service has
CONNECT_TIMEOUT = 10  # seconds
VERSIONS = Path(__file__).with_name("postgresql_versions")
COLLATIONS = ("C", "POSIX")

_BEGIN_READING = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_BEGIN_WRITING = "BEGIN; UPDATE commit_number SET number = number + 1; "
_PREPARING = 0x636F7072  # key of the advisory lock of processes that create or upgrade tables
_DISK_FULL = "53100"
_LOCKED = ("55P03", "40001", "40P01")
_FROZEN = "25P03"  # the transaction was idle for too long
# Classes of SQLSTATE: connection, resources, operator intervention, system error.
_OUTAGES = ("08", "53", "57", "58")

log = logging.getLogger(__name__)
_compiled: LRUCache[Any, Any] = LRUCache(STATEMENTS)


class SharedDialect(PGDialect_psycopg):
    """The dialect of psycopg. All its instances are equal, since they compile the same SQL."""

    supports_statement_cache = True  # each class of a dialect has to say so
    begin = _BEGIN_READING

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin a transaction; the driver does not.

        :param dbapi_connection: the connection of the driver.
        """
        if self.begin:
            dbapi_connection.execute(self.begin, prepare=False)  # several statements cannot be prepared


registry.register("postgresql.shared", __name__, SharedDialect.__name__)

# The models name the option of SQLite only. Naming this one as well would load this dialect at every start.
for _table in Base.metadata.tables.values():
    for _index in _table.indexes:
        _index.dialect_options["postgresql"]["where"] = _index.dialect_options["sqlite"]["where"]


class PostgreSQL:
    """A PostgreSQL database; its tables are created or upgraded if needed.

    :param url: URL of the database.
    :param version: version of the schema that this program knows.
    :raises DataFolderError: the database cannot be used, is another program's, or has a newer version.
    """

    def __init__(self, url: URL, version: int) -> None:
        self._version = version
        self._url = url
        self._key = secrets.token_hex(4)
        self._processes: Processes | None = None
        self.name = url.render_as_string(hide_password=True)
        self.readers = _open_engine(url, READERS, _BEGIN_READING)
        self.writers = _open_engine(url, 1, _BEGIN_WRITING + self._notification(), idle=SILENCE)
        self.pollers = _open_engine(url, POLLERS, "")
        try:
            _prepare(url, self.name, version)
        except DBAPIError as error:
            self.close()
            raise DataFolderError(f"{self.name} cannot be used ({_one_line(error)})") from error
        except BaseException:
            self.close()
            raise

    def version(self) -> int:
        """Return a number that changes with every commit of any process.

        :returns: the number; it only tells whether two calls have the same version.
        :raises Outage: the database cannot be reached.
        """
        with self.pollers.connect() as connection:
            return int(connection.exec_driver_sql("SELECT number FROM commit_number").scalar_one())

    def folder_id(self, chosen: str | None = None) -> str | None:
        """Return the id of the data folder that the database belongs to.

        :param chosen: id to store if it has none.
        :returns: the id; None if it has none, and none was given.
        :raises Outage: the database cannot be reached.
        """
        if chosen is not None:
            with self.writers.begin() as connection:
                query = text("UPDATE commit_number SET data_folder = coalesce(data_folder, :chosen)")
                connection.execute(query, {"chosen": chosen})
        with self.pollers.connect() as connection:
            found = connection.exec_driver_sql("SELECT data_folder FROM commit_number").scalar_one()
        return None if found is None else str(found)

    def join(self, news: Callable[[bool, bool], None], *, is_alone: bool) -> None:
        """Become one of the service processes on this database.

        :param news: is called after commits of other processes: with True if maintenance is needed, and with
            True if messages wait.
        :param is_alone: True if no other process serves the data folder.
        :raises DataFolderError: the database cannot be used, or it is used with another data folder.
        """
        _, arguments = self.readers.dialect.create_connect_args(self._url)
        processes = Processes(arguments, self._key, news, self._version)
        processes.join(self.name, is_alone=is_alone)
        self._processes = processes
        with self.pollers.connect() as connection:
            if lack := lack_of_connections(connection):
                log.warning("%s", lack)

    def is_leading(self) -> bool:
        """Return True if this process starts builds, and does all else that only one process may do.

        :returns: True also for a process that has not joined the others.
        """
        return self._processes is None or self._processes.is_leading()

    def notify(self, session: Session, *, maintenance: bool, messages: bool) -> None:
        """Let a commit tell the other service processes what it leaves to do.

        :param session: the session of the transaction.
        :param maintenance: True if maintenance is needed.
        :param messages: True if messages wait.
        """
        words = [word for word, is_told in ((MAINTENANCE, maintenance), (MESSAGES, messages)) if is_told]
        session.connection().exec_driver_sql(self._notification(*words))

    def _notification(self, *words: str) -> str:
        """Return SQL that tells the other service processes of a commit."""
        return f"NOTIFY {CHANNEL}, '{' '.join((self._key, *words))}'"

    def save(self, path: Path) -> None:
        """Copy the database to a new SQLite file, also while others write to it.

        :param path: the file.
        :raises DBAPIError: the database cannot be read, or the file cannot be written.
        """
        with self.readers.connect() as connection:
            copying.save(connection, path, self._version)

    def load(self, path: Path) -> None:
        """Replace the content of the database by that of a file which `save` has written.

        :param path: the file.
        :raises DBAPIError: the file cannot be read, or the database cannot be written.
        """
        with self.writers.begin() as connection:
            copying.load(path, connection)

    def is_empty(self) -> bool:
        """Return True if no service has used the database yet.

        :returns: False if it has any rows.
        :raises Outage: the database cannot be reached.
        """
        with self.readers.connect() as connection:
            return copying.is_empty(connection)

    def close(self) -> None:
        """Close all connections."""
        if self._processes is not None:
            self._processes.leave()
        for engine in (self.readers, self.writers, self.pollers):
            engine.dispose()


def _open_engine(url: URL, connections: int, begin: str, *, idle: int = 0) -> Engine:
    """Return an engine whose transactions begin with some SQL.

    The server ends those in which nothing happens for `idle` seconds; with 0, it ends none.
    """
    engine = create_engine(
        url.set(drivername="postgresql+shared"),
        pool_size=min(connections, 10),
        max_overflow=max(connections - 10, 0),
        hide_parameters=True,  # what users sent is not written to the log
        connect_args={"connect_timeout": CONNECT_TIMEOUT, "autocommit": True},
        execution_options={"compiled_cache": _compiled},
        use_native_hstore=False,  # spares a query
    )
    engine.dialect.begin = begin  # type: ignore[attr-defined]
    name_outages(engine, _cause)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        # Compiling the query of the queue takes 100 ms, and carrying it out less than one.
        connection.execute(f"SET jit = off; SET idle_in_transaction_session_timeout = '{idle}s'")

    @event.listens_for(engine, "checkout")
    def check(connection: Any, _record: object, _proxy: object) -> None:
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN)
        if poll.poll(0):
            raise InvalidatePoolError("the server has closed the connection")

    return engine


def _cause(context: ExceptionContext) -> Cause | None:
    """Return the cause of an outage by its SQLSTATE; None if the error is another one.

    An error without SQLSTATE comes from the driver: the server could not be reached, or did not respond.
    """
    state = getattr(context.original_exception, "sqlstate", None)
    if state is None:
        lost = context.connection is None or context.is_disconnect
        return Cause.UNAVAILABLE if lost else None
    if state == _DISK_FULL:
        return Cause.FULL_DISK
    if state in _LOCKED:
        return Cause.LOCKED
    return Cause.UNAVAILABLE if state.startswith((*_OUTAGES, _FROZEN)) else None


def _one_line(error: DBAPIError) -> str:
    """Return the text of the driver's error in one line."""
    return " ".join(str(error.orig).split())


def describe(url: URL) -> tuple[str, int, str]:
    """Return what a server and its database are, and change nothing there.

    :param url: URL of the database.
    :returns: one line of text, the version of the tables (0 if there are none yet), and a warning if needed.
    :raises DataFolderError: it cannot be used, or is another program's database.
    """
    name = url.render_as_string(hide_password=True)
    engine = create_engine(url, connect_args={"connect_timeout": CONNECT_TIMEOUT}, use_native_hstore=False)
    try:
        with engine.connect() as connection:
            _check_collation(connection, name)
            server = connection.exec_driver_sql("SHOW server_version").scalar_one()
            driver: Any = connection.connection.driver_connection
            transport = "with TLS" if driver.pgconn.ssl_in_use else "without TLS"
            version, lack = _version(connection, name), lack_of_connections(connection)
            return f"PostgreSQL {server}, {name}, {transport}", version, lack
    except DBAPIError as error:
        raise DataFolderError(f"{name} cannot be used ({_one_line(error)})") from error
    finally:
        engine.dispose()


def _prepare(url: URL, name: str, version: int) -> None:
    """Create or upgrade the tables."""
    engine = create_engine(url, connect_args={"connect_timeout": CONNECT_TIMEOUT}, use_native_hstore=False)
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PREPARING})
            _check_collation(connection, name)
            found = _version(connection, name)
            if found == version:
                return
            if found > version:
                raise DataFolderError(
                    f"{name} was written by a newer copr-local (database version {found}, this program"
                    f" knows {version}): update copr-local, or choose another database with --database"
                )
            if found:
                wait_for_their_end(connection, name)
            else:
                create_tables(connection)
                connection.exec_driver_sql(
                    "CREATE TABLE commit_number (number BIGINT NOT NULL, data_folder TEXT)"
                )
                connection.exec_driver_sql("INSERT INTO commit_number VALUES (0)")
            _upgrade(connection, found, version)
    finally:
        engine.dispose()


def _check_collation(connection: Connection, name: str) -> None:
    """Refuse a database that sorts names in another order than SQLite, or cannot store all texts."""
    encoding, collation = connection.exec_driver_sql(
        "SELECT pg_encoding_to_char(encoding), datcollate FROM pg_database WHERE datname = current_database()"
    ).one()
    if collation not in COLLATIONS or encoding != "UTF8":
        raise DataFolderError(
            f"{name} has the collation {collation} and the encoding {encoding}. It needs C and UTF8: create"
            " it with `createdb --template=template0 --locale=C --encoding=UTF8`"
        )


def _version(connection: Connection, name: str) -> int:
    """Return the version of the tables; 0 if there are none."""
    tables = set(
        connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = ANY (current_schemas(false))")
        )
    )
    if not tables:
        return 0
    if not {"alembic_version", "commit_number"} <= tables:
        raise DataFolderError(f"{name} is some other program's database: choose another with --database")
    return int(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def _upgrade(connection: Connection, found: int, version: int) -> None:
    """Carry out the migrations between two versions, and store the new one; from 0, only store it."""
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(VERSIONS), version_locations=[str(VERSIONS)])
    context = MigrationContext.configure(connection)
    if found:
        with Operations.context(context):
            for each in reversed(list(scripts.iterate_revisions(str(version), str(found)))):
                each.module.upgrade()
    context.stamp(scripts, str(version))
