"""Types of columns that differ between SQLite and PostgreSQL, or hide a difference between them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, String
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator, TypeEngine

#: Integers of 64 bits. SQLite's have 64 bits always, and its AUTOINCREMENT works for INTEGER only.
INTEGER = BigInteger().with_variant(Integer(), "sqlite")

NUL = "\0"


class UnstorableText(ValueError, DontWrapMixin):
    """A text with a NUL character, which PostgreSQL cannot store. SQLite could: it is refused for both."""

    def __init__(self) -> None:
        super().__init__("A text of the request contains a NUL character, which cannot be stored.")


class Text(TypeDecorator[str]):
    """A text without NUL characters."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return a text as the driver gets it.

        :param value: the text.
        :param dialect: the dialect of the engine.
        :returns: the same text.
        :raises UnstorableText: the text contains a NUL character.
        """
        if value is not None and NUL in value:
            raise UnstorableText
        return value


class Document(TypeDecorator[Any]):
    """A JSON value without NUL characters: a text in SQLite, JSONB in PostgreSQL."""

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

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Return a value before it is encoded.

        :param value: the JSON value.
        :param dialect: the dialect of the engine.
        :returns: the same value.
        :raises UnstorableText: a text in it contains a NUL character.
        """
        if without_nul(value) != value:
            raise UnstorableText
        return value


def without_nul(value: Any) -> Any:
    """Return a value of a column without the NUL characters of its texts.

    :param value: a text, a JSON value, or anything else.
    :returns: the same value, if it has none.
    """
    if isinstance(value, str):
        return value.replace(NUL, "")
    if isinstance(value, dict):
        return {without_nul(name): without_nul(inner) for name, inner in value.items()}
    return [without_nul(inner) for inner in value] if isinstance(value, list) else value
