"""Migrations: a database of an older version is copied into a new one of this version.

- All rows of the old file are copied into a new file, which then replaces the old one in one step. If
  anything fails before that, the old database stays as it was.
- NUL characters in texts, which old versions stored, are left out.
- A column that the old version did not have gets its value from `COMPUTED`, or else its default. A new column
  has one of these, or is nullable. Any other change needs code here.
- The old file is kept next to the new one until the next upgrade, with `.old` after its name.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Table, create_engine, insert, literal_column, select, table
from sqlalchemy.sql import column

from .column_types import without_nul
from .models import Base
from .tables import create_tables

ROWS = 1000  # rows copied in one statement

# Values of columns that an old version did not have: SQL over the row of the old table, which is named `row`.
COMPUTED = {
    "build.ended_on": (  # see `rules.states.settle`
        "(SELECT iif(count(*) = count(ended_on), max(ended_on), NULL) FROM old.build_chroot"
        ' WHERE build_id = "row".id)'
    ),
    "build_chroot.project_id": '(SELECT project_id FROM old.build WHERE id = "row".build_id)',
    "build_chroot.is_background": '(SELECT is_background FROM old.build WHERE id = "row".build_id)',
}


def upgrade(path: Path, version: int) -> None:
    """Replace a database by a copy in the format of this version.

    An error of SQLite in the first step is raised as ``sqlite3.Error``.

    :param path: the database file; no process may have it open.
    :param version: version number to write into the new file.
    :raises DBAPIError: the old database cannot be read, or the new one cannot be written.
    :raises OSError: a file cannot be removed, linked or renamed.
    """
    new, kept = path.with_name(f"{path.name}.new"), path.with_name(f"{path.name}.old")
    new.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("PRAGMA journal_mode = DELETE")  # moves all data from the WAL into the one file
    engine = create_engine(f"sqlite:///{new}")
    try:
        with engine.begin() as connection:
            create_tables(connection)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ATTACH DATABASE ? AS old", (str(path),))
            connection.exec_driver_sql("BEGIN")
            _copy(connection)
            connection.exec_driver_sql(f"PRAGMA user_version = {version}")
            connection.exec_driver_sql("COMMIT")
    finally:
        engine.dispose()
    kept.unlink(missing_ok=True)
    os.link(path, kept)
    os.replace(new, path)


def _copy(connection: Connection) -> None:
    """Copy all tables of the attached old database, and the counters of their ids."""
    for new in Base.metadata.sorted_tables:
        has = [row[1] for row in connection.exec_driver_sql(f'PRAGMA old.table_info("{new.name}")')]
        if has:
            _copy_table(connection, new, [name for name in has if name in new.columns])
    # Ids are never used twice, not even those of deleted rows.
    connection.exec_driver_sql("DELETE FROM main.sqlite_sequence")
    connection.exec_driver_sql("INSERT INTO main.sqlite_sequence SELECT * FROM old.sqlite_sequence")


def _copy_table(connection: Connection, new: Table, names: list[str]) -> None:
    """Copy the columns with these names of one table, and compute others."""
    old = table(new.name, *(column(name, new.columns[name].type) for name in names), schema="old").alias(
        "row"
    )
    computed = [
        literal_column(COMPUTED[f"{new.name}.{each.name}"], each.type).label(each.name)
        for each in new.columns
        if each.name not in names and f"{new.name}.{each.name}" in COMPUTED
    ]
    rows = connection.execute(select(*old.columns, *computed))
    for some in rows.mappings().partitions(ROWS):
        clean = [{name: without_nul(value) for name, value in row.items()} for row in some]
        connection.execute(insert(new), clean)
