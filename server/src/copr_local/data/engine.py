"""SQLAlchemy's engine for a database file, and the tables of a new file.

SQLAlchemy keeps compiled SQL for each engine, and compiling takes longer than running it. All engines of a
process share it here, so a program that starts many services, such as a suite of tests, compiles it once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.util import LRUCache

from . import builders, pending_work  # noqa: F401 - their tables belong to each database
from .models import Base

BUSY_TIMEOUT = 10_000  # milliseconds
CONNECTIONS = 64
STATEMENTS = 1000  # more than the service has

_compiled: LRUCache[Any, Any] = LRUCache(STATEMENTS)


class SharedDialect(SQLiteDialect_pysqlite):
    """SQLite's dialect. All its instances are equal, since they compile the same SQL."""

    supports_statement_cache = True  # each class of a dialect has to say so

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))


registry.register("sqlite.shared", __name__, SharedDialect.__name__)


def open_engine(path: Path) -> Engine:
    """Return an engine that sets up each connection, and begins each transaction, as `database` describes.

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

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver would send BEGIN too late: `begin` below sends it
        for pragma in ("foreign_keys = ON", f"busy_timeout = {BUSY_TIMEOUT}", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("immediate", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def create_tables(connection: Connection) -> None:
    """Create all tables and indexes in an empty database.

    :param connection: a connection in a transaction.
    """
    for statement in _statements():
        connection.exec_driver_sql(statement)


@cache
def _statements() -> tuple[str, ...]:
    """Return the SQL that creates all tables, each followed by its indexes."""
    made: list[CreateTable | CreateIndex] = []
    for table in Base.metadata.sorted_tables:
        made.append(CreateTable(table))
        made.extend(CreateIndex(index) for index in sorted(table.indexes, key=lambda index: str(index.name)))
    return tuple(str(statement.compile(dialect=SharedDialect())) for statement in made)
