"""The database of a data folder as another process uses it, next to a service or without one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from copr_local.data.data_folder import DataFolder
from copr_local.data.database import Database


@contextmanager
def opened(data: Path) -> Iterator[Database]:
    """Open the database of a data folder."""
    database = Database(DataFolder(data, lambda _directory: None))
    try:
        yield database
    finally:
        database.close()


def change(data: Path, statement: str, **values: Any) -> int:
    """Run a statement that changes rows, and return how many it changed."""
    with opened(data) as database, database.writing() as tx:
        return tx.session.execute(text(statement), values).rowcount  # type: ignore[attr-defined,no-any-return]


def rows(data: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    with opened(data) as database, database.reading() as tx:
        return [tuple(row) for row in tx.session.execute(text(query))]
