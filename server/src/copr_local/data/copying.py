"""Copies of a PostgreSQL database in SQLite files, and back: for backups, snapshots and moves.

Both have the same tables, so all rows are read from one and written to the other. Ids that were used once are
not used again.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, create_engine, func, insert, select, text

from . import builders, pending_work  # noqa: F401 - their tables belong to each database
from .column_types import without_nul
from .models import Base
from .tables import create_tables

ROWS = 1000  # rows copied in one statement
_TABLES = Base.metadata.sorted_tables
_NUMBERED = [table for table in _TABLES if table.autoincrement_column is not None]
_SEQUENCE = "pg_get_serial_sequence(quote_ident('{0}'), 'id')"


def save(source: Connection, path: Path, version: int) -> None:
    """Copy a PostgreSQL database to a new SQLite file.

    :param source: a connection in a transaction that sees one state of the database.
    :param path: the file, which does not exist yet.
    :param version: version of the schema.
    :raises DBAPIError: a database cannot be read or written.
    """
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.begin() as target:
            create_tables(target)
            _copy_rows(source, target)
            target.exec_driver_sql("DELETE FROM sqlite_sequence")
            for table in _NUMBERED:
                if table.dialect_options["sqlite"]["autoincrement"]:
                    sequence = _SEQUENCE.format(table.name)
                    last = source.exec_driver_sql(f"SELECT pg_sequence_last_value({sequence})").scalar()
                    counter = {"name": table.name, "last": last or 0}
                    target.execute(text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), counter)
            target.exec_driver_sql(f"PRAGMA user_version = {version}")
    finally:
        engine.dispose()


def load(path: Path, target: Connection) -> None:
    """Replace all rows of a PostgreSQL database by those of an SQLite file.

    :param path: the file; its schema has the same version.
    :param target: a connection in a transaction that can write; the caller commits it.
    :raises DBAPIError: a database cannot be read or written.
    """
    names = ", ".join(f'"{table.name}"' for table in _TABLES)
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as source:
            target.exec_driver_sql(f"TRUNCATE {names}")
            _copy_rows(source, target)
            counted = source.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
            counters = {str(name): int(number) for name, number in counted}
            for table in _NUMBERED:
                largest = source.scalar(select(func.max(table.columns.id))) or 0
                last = max(largest, counters.get(table.name, 0))
                sequence = _SEQUENCE.format(table.name)
                if last:
                    target.exec_driver_sql(f"SELECT setval({sequence}, {last})")
                else:
                    target.exec_driver_sql(f"SELECT setval({sequence}, 1, false)")
    finally:
        engine.dispose()


def is_empty(connection: Connection) -> bool:
    """Return True if a database has no rows.

    :param connection: a connection in a transaction.
    :returns: False if any of its tables has a row.
    """
    return all(connection.scalar(select(table).limit(1)) is None for table in _TABLES)


def _copy_rows(source: Connection, target: Connection) -> None:
    """Copy the rows of all tables, in the order of their ids: rows refer to earlier ones."""
    for table in _TABLES:
        rows = source.execute(select(table).order_by(*table.primary_key.columns)).mappings()
        for some in rows.partitions(ROWS):
            clean = [{name: without_nul(value) for name, value in row.items()} for row in some]
            target.execute(insert(table), clean)
