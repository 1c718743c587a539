"""The statements that create all tables and indexes of a new database."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection
from sqlalchemy.dialects import registry
from sqlalchemy.schema import CreateIndex, CreateTable

from . import builders, pending_work  # noqa: F401 - their tables belong to each database
from .models import Base


def create_tables(connection: Connection) -> None:
    """Create all tables and indexes in an empty database.

    :param connection: a connection in a transaction.
    """
    for statement in _statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


@cache
def _statements(name: str) -> tuple[str, ...]:
    """Return the SQL that creates all tables, each followed by its indexes."""
    dialect = registry.load(name)
    made: list[CreateTable | CreateIndex] = []
    for table in Base.metadata.sorted_tables:
        made.append(CreateTable(table))
        made.extend(CreateIndex(index) for index in sorted(table.indexes, key=lambda index: str(index.name)))
    return tuple(str(statement.compile(dialect=dialect())) for statement in made)
