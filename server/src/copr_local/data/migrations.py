"""Databases of older versions: written anew, as this version has them.

- A new file is filled with all rows of the old one and then takes its place, in one step. Whatever goes wrong
  before that leaves the old database as it was.
- A column that the old version did not have gets its default; so a new column needs one, or may be null. What
  that cannot say needs code here.
- The old file is kept beside the new one, until the next upgrade.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Table, create_engine, insert, select, table
from sqlalchemy.sql import column

from .models import Base

ROWS = 1000  # that are copied at once


def upgrade(path: Path, version: int) -> None:
    """Write a database anew, in this version's form.

    :param path: the file; nobody has it open.
    :param version: the one that the new file is to say it has.
    :raises sqlite3.Error, sqlalchemy.exc.DBAPIError, OSError: it cannot be read, or not be written.
    """
    new, kept = path.with_name(f"{path.name}.new"), path.with_name(f"{path.name}.old")
    new.unlink(missing_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.execute("PRAGMA journal_mode = DELETE")  # all of it is in the one file from here on
    engine = create_engine(f"sqlite:///{new}")
    try:
        with engine.begin() as connection:
            Base.metadata.create_all(connection)
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
    for new in Base.metadata.sorted_tables:
        has = [row[1] for row in connection.exec_driver_sql(f'PRAGMA old.table_info("{new.name}")')]
        if has:
            _copy_table(connection, new, [name for name in has if name in new.columns])
    # Numbers are never given out twice, also not those of rows that are gone.
    connection.exec_driver_sql("DELETE FROM main.sqlite_sequence")
    connection.exec_driver_sql("INSERT INTO main.sqlite_sequence SELECT * FROM old.sqlite_sequence")


def _copy_table(connection: Connection, new: Table, names: list[str]) -> None:
    columns = [column(name, new.columns[name].type) for name in names]
    rows = connection.execute(select(*columns).select_from(table(new.name, *columns, schema="old")))
    for some in rows.mappings().partitions(ROWS):
        connection.execute(insert(new), [dict(row) for row in some])
