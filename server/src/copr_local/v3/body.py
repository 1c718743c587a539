"""The fields in the body of a request, in one mapping for all content types.

- The body is JSON, a form, or multipart. A multipart body can have a file part named `json` next to plain
  fields and other files.
- Nulls are dropped, so null means "not given".
- A JSON body counts as empty if it is malformed, or an empty value (`[]`, `0`, `""`). The code that needs a
  field reports that the field is missing. A malformed `json` part is an error.
"""

from __future__ import annotations

from flask import json, request

from ..data.database import Transaction
from ..data.models import Project
from ..rules import limits, projects
from ..wire.form_data import Body, as_text
from ..wire.small_file import small_file
from .errors import Crash


def read() -> Body:
    """Return the fields of the request's body, without nulls.

    :returns: values by field name; a form field that is repeated has a list.
    :raises Crash: the body is JSON and not an object, or its part `json` is not valid JSON.
    :raises RequestEntityTooLarge: the part `json` is larger than `LARGEST_BODY` bytes.
    :raises Invalid: the body has very many fields, which would take seconds to check.
    """
    fields: Body = {name: values[0] if len(values) == 1 else values for name, values in request.form.lists()}
    fields.update(_json())
    limits.check("fields in a form", len(fields))
    return {name: value for name, value in fields.items() if value is not None}


def _json() -> Body:
    """Return the fields of a JSON body or of the part `json`."""
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


def project(tx: Transaction, body: Body) -> Project:
    """Return the project that the fields `ownername` and `projectname` name.

    :param tx: the open transaction.
    :param body: fields of the request.
    :returns: the project.
    :raises NotFound: the project or its group does not exist.
    :raises HTTPException: one of the two fields is missing, and the body is not valid JSON.
    :raises Crash: one of the two fields is missing in a JSON body.
    """
    if "ownername" not in body or "projectname" not in body:
        request.get_json()
        raise Crash
    return projects.get(tx, as_text(body["ownername"]), as_text(body["projectname"]))
