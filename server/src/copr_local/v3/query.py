"""The arguments in the query string of a request, and the page of a listing that they select."""

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
    """The arguments that select a page."""

    limit = IntegerField(validators=[Optional()])
    offset = IntegerField(validators=[Optional()])
    order = StringField()
    order_type = OneOf(("ASC", "DESC"))


@api.url_value_preprocessor
def query_wins(_endpoint: str | None, parts: dict[str, Any] | None) -> None:  # noqa: DOC101, DOC103
    """Replace texts in the path by query arguments with the same names, like the real Copr frontend.

    :param parts: the variable parts of the path by name, changed in place; numbers stay. None if no route
        matches the path.
    """
    for name, part in (parts or {}).items():
        if isinstance(part, str) and parts is not None:
            parts[name] = request.args.get(name, part)


def argument(name: str) -> str:
    """Return a required argument of the query.

    :param name: name of the argument.
    :returns: the value; it can be empty.
    :raises Invalid: the query lacks the argument.
    """
    try:
        return request.args[name]
    except KeyError:
        raise Invalid(f"Missing argument {name}") from None


def project(tx: Transaction) -> Project:
    """Return the project that the arguments `ownername` and `projectname` name.

    :param tx: the open transaction.
    :returns: the project.
    :raises Invalid: the query lacks one of the arguments.
    :raises NotFound: the project or its group does not exist.
    :raises HTTPException: one of the names is empty. The real Copr frontend then reads the body as JSON.
    """
    ownername, projectname = argument("ownername"), argument("projectname")
    if not (ownername and projectname):
        request.get_json()
    return projects.get(tx, ownername, projectname)


def page() -> Page:
    """Return the selected page of a listing.

    :returns: the page; a limit of 0 means no limit.
    :raises Crash: limit or offset is not an integer, is negative, or is too large for the database; or the
        direction is neither ASC nor DESC.
    """
    form = _PageForm(request.args)
    if not form.validate():
        raise Crash(str(form.errors))
    limit, offset = form.limit.data or None, form.offset.data or 0
    if not (0 <= offset <= LARGEST and 0 <= (limit or 0) <= LARGEST):
        raise Crash
    return Page(limit, offset, form.order.data or "id", form.order_type.data == "DESC")
