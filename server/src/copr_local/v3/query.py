"""What a request brings in its query string: arguments, and which page of a listing is wanted."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import Form, IntegerField, StringField
from wtforms.validators import Optional

from ..data.database import Transaction
from ..data.models import Project
from ..rules import projects
from ..rules.errors import Invalid
from ..rules.listing import LARGEST, Page
from ..wire.fields import OneOf
from .errors import Crash
from .routes import api


class _PageForm(Form):
    limit = IntegerField(validators=[Optional()])
    offset = IntegerField(validators=[Optional()])
    order = StringField()
    order_type = OneOf(("ASC", "DESC"))


@api.url_value_preprocessor
def query_wins(_endpoint: str | None, parts: dict[str, Any] | None) -> None:
    """Let an argument of the query replace the part of the path that has its name, as the original does."""
    for name, part in (parts or {}).items():
        if isinstance(part, str) and parts is not None:
            parts[name] = request.args.get(name, part)


def argument(name: str) -> str:
    """An argument that must be there.

    :raises Invalid: it is not.
    """
    try:
        return request.args[name]
    except KeyError:
        raise Invalid(f"Missing argument {name}") from None


def project(tx: Transaction) -> Project:
    """The project that the query names.

    :raises Invalid: it names none.
    :raises NotFound: there is none of that name.
    :raises UnsupportedMediaType: a name is empty: the original then looks into a body that is not there.
    """
    ownername, projectname = argument("ownername"), argument("projectname")
    if not (ownername and projectname):
        request.get_json()
    return projects.get(tx, ownername, projectname)


def page() -> Page:
    """Which page is wanted; a limit of 0 is none.

    :raises Crash: a number is none, or negative, or too large for a database, or the direction is neither
        ASC nor DESC.
    """
    form = _PageForm(request.args)
    if not form.validate():
        raise Crash(str(form.errors))
    limit, offset = form.limit.data or None, form.offset.data or 0
    if not (0 <= offset <= LARGEST and 0 <= (limit or 0) <= LARGEST):
        raise Crash
    return Page(limit, offset, form.order.data or "id", form.order_type.data == "DESC")
