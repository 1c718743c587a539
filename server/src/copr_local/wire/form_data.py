"""The fields of a request as a mapping, and the same for WTForms.

API v3 reads them from JSON and forms, the pages from forms only. Both give them to the same form classes.
"""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from ..rules import limits

Body = dict[str, Any]


def form_data(body: Body) -> MultiDict[str, Any]:
    """Return the fields in the form that WTForms reads.

    :param body: fields of the request.
    :returns: the values by field name; a list becomes a repeated field. Numbers and booleans stay, and other
        values become texts.
    :raises Invalid: a list is too long.
    """
    for value in body.values():
        limits.check("values in a field", len(_items(value)))
    return MultiDict((name, _plain(item)) for name, value in body.items() for item in _items(value))


def _items(value: Any) -> list[Any]:
    """Return a list as it is, and another value in a list."""
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> Any:
    """Return a number or boolean as it is, and another value as a text."""
    return value if isinstance(value, int | float) else as_text(value)


def as_text(value: Any) -> str:
    """Return a JSON value as the text that a form would have.

    :param value: a value from JSON.
    :returns: the text; booleans are `true` and `false`. Each lone surrogate becomes a question mark.
    """
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).encode(errors="replace").decode()


def text(body: Body, name: str) -> str | None:
    """Return one field as a text.

    :param body: fields of the request.
    :param name: name of the field.
    :returns: the text; None if the body lacks the field.
    """
    return as_text(body[name]) if name in body else None
