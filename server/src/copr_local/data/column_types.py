"""Types of columns that differ between SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Integer
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

#: Integers of 64 bits. SQLite's have 64 bits always, and its AUTOINCREMENT works for INTEGER only.
INTEGER = BigInteger().with_variant(Integer(), "sqlite")


class Document(TypeDecorator[Any]):
    """A JSON value: a text in SQLite, JSONB in PostgreSQL."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the type of a column. The types of PostgreSQL are imported only for its databases.

        :param dialect: the dialect of the engine.
        :returns: the type.
        """
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON())
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB())
