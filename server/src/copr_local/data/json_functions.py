"""JSON that the database writes: SQL functions that have other names in PostgreSQL than in SQLite."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _JsonFunction(FunctionElement[str]):
    """A function whose result is JSON. Inside another one it is a part of that JSON, and not a text."""

    type = String()
    inherit_cache = True
    sqlite: str
    postgresql: str


class JsonObject(_JsonFunction):
    """A JSON object of names and values, one after the other."""

    name = "copr_json_object"
    inherit_cache = True
    sqlite, postgresql = "json_object({})", "json_build_object({})"


class JsonArray(_JsonFunction):
    """A JSON array of the values of a column, in the order of the query."""

    name = "copr_json_array"
    inherit_cache = True
    sqlite, postgresql = "json_group_array({})", "coalesce(json_agg({}), '[]')"


class JsonOf(_JsonFunction):
    """The JSON value that a text is."""

    name = "copr_json_of"
    inherit_cache = True
    sqlite, postgresql = "json({})", "CAST({} AS JSON)"


class JsonText(_JsonFunction):
    """The text of JSON."""

    name = "copr_json_text"
    inherit_cache = True
    sqlite, postgresql = "{}", "CAST({} AS VARCHAR)"


class JsonMember(_JsonFunction):
    """A text in a JSON object of a column, by its name; null if there is none."""

    name = "copr_json_member"
    inherit_cache = True
    sqlite, postgresql = "json_extract({}, '$.' || {})", "jsonb_extract_path_text({}, {})"


def json_object(members: dict[str, Any]) -> ColumnElement[str]:
    """Return an expression for a JSON object.

    :param members: expressions for the values, by their names.
    :returns: the expression.
    """
    return JsonObject(*(each for member in members.items() for each in member))


@compiles(_JsonFunction)
def _compile(element: _JsonFunction, compiler: Any, **options: Any) -> str:
    """Return the SQL of a function."""
    pattern = element.postgresql if compiler.dialect.name == "postgresql" else element.sqlite
    arguments = (compiler.process(each, **options) for each in element.clauses)
    filled = [", ".join(arguments)] if pattern.count("{}") == 1 else list(arguments)
    return pattern.format(*filled)
