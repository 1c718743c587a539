"""What a request brings in its body: one mapping, however it was sent.

- JSON, a form, or multipart with a file part named `json`, next to other files and plain fields.
- Nulls are dropped, so null means "not given".
- A body that should be JSON and is not is empty, like one that is nothing in JSON (`[]`, `0`, `""`); what is
  missing then is said by whoever needs it. A part that is not JSON is a fault.
"""

from __future__ import annotations

from typing import Any

from flask import json, request
from werkzeug.datastructures import MultiDict

from ..data.database import Transaction
from ..data.models import Project
from ..rules import projects
from ..wire.small_file import small_file
from .errors import Crash

Body = dict[str, Any]


def read() -> Body:
    """The fields of the request's body, without nulls.

    :raises Crash: it is JSON, and not an object; or its part `json` is not JSON.
    """
    fields: Body = {name: values[0] if len(values) == 1 else values for name, values in request.form.lists()}
    fields.update(_json())
    return {name: value for name, value in fields.items() if value is not None}


def _json() -> Body:
    part = request.files.get("json")
    try:
        loaded = json.loads(small_file(part)) if part else request.get_json(silent=True)
    except ValueError as error:
        raise Crash from error
    if not loaded:
        return {}
    if not isinstance(loaded, dict):
        raise Crash
    return loaded


def form_data(body: Body) -> MultiDict[str, Any]:
    """The fields as a form has them: a list as a field that is repeated; numbers, true and false as they are,
    and all else as texts.
    """
    return MultiDict((name, _plain(item)) for name, value in body.items() for item in _items(value))


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | float) else as_text(value)


def as_text(value: Any) -> str:
    """A value of JSON as a form would have it; without the halves of characters that its texts can have."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).encode(errors="replace").decode()


def text(body: Body, name: str) -> str | None:
    """A field as a text; None if the body has none of that name."""
    return as_text(body[name]) if name in body else None


def project(tx: Transaction, body: Body) -> Project:
    """The project that the body names.

    :raises NotFound: there is none of that name.
    :raises UnsupportedMediaType: the body names none, and is not JSON.
    :raises Crash: it is JSON, and names none.
    """
    if "ownername" not in body or "projectname" not in body:
        request.get_json()
        raise Crash
    return projects.get(tx, as_text(body["ownername"]), as_text(body["projectname"]))
