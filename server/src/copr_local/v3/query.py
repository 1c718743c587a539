"""What a request brings in its query string: arguments, and which page of a listing is wanted."""

from __future__ import annotations

from typing import Any

from flask import request
from wtforms import Form, StringField
from wtforms.validators import Optional

from ..rules.errors import Invalid
from ..rules.listing import Page
from .errors import Crash
from .fields import Number, OneOf
from .routes import api


class _PageForm(Form):
    limit = Number(validators=[Optional()])
    offset = Number(validators=[Optional()])
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


def page() -> Page:
    """Which page is wanted.

    :raises Crash: a number is none, or negative, or the direction is neither ASC nor DESC.
    """
    form = _PageForm(request.args)
    if not form.validate():
        raise Crash(str(form.errors))
    limit, offset = form.limit.data, form.offset.data or 0
    if offset < 0 or (limit is not None and limit < 0):
        raise Crash
    return Page(limit, offset, form.order.data or "id", form.order_type.data == "DESC")
