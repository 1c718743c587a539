"""The arguments and fields of endpoints, declared at the endpoints; `swagger.py` reads the declarations.

    @api.get("/build/list")
    @takes(query="ownername projectname", optional="packagename status", page=True)
    def list_builds() -> Any:

Names are words of one text. The validators of the forms give the allowed values of their fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from wtforms import Form

View = TypeVar("View", bound=Callable[..., Any])

PAGE = ("limit", "offset", "order", "order_type")


@dataclass(frozen=True)
class Takes:
    """The query arguments and body fields of an endpoint.

    :param forms: forms with fields of the body.
    :param query: names of required query arguments.
    :param optional: names of optional query arguments.
    :param body: names of required fields of the body that no form has.
    :param files: names of multipart parts that are files.
    :param renamed: names in requests, by the names of form fields that differ.
    :param free: description of a body without fixed field names; None if its fields have fixed names.
    """

    forms: tuple[type[Form], ...] = ()
    query: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    free: str | None = None

    @property
    def has_body(self) -> bool:
        """True if the endpoint reads the body."""
        return bool(self.forms or self.body or self.files or self.free)


def takes(
    *forms: type[Form],
    query: str = "",
    optional: str = "",
    page: bool = False,
    body: str = "",
    files: str = "",
    renamed: Mapping[str, str] | None = None,
    free: str | None = None,
) -> Callable[[View], View]:
    """Return a decorator that declares the arguments and fields of an endpoint.

    :param forms: forms with fields of the body.
    :param query: names of required query arguments, with spaces between them.
    :param optional: names of optional query arguments, with spaces between them.
    :param page: True if the endpoint also takes `limit`, `offset`, `order` and `order_type`.
    :param body: names of required fields of the body that no form has, with spaces between them.
    :param files: names of multipart parts that are files, with spaces between them.
    :param renamed: names in requests, by the names of form fields that differ; None if all are the same.
    :param free: description of a body without fixed field names; None if its fields have fixed names.
    :returns: the decorator; it stores the declaration in the attribute `takes` of the endpoint.
    """
    declared = Takes(
        forms=forms,
        query=tuple(query.split()),
        optional=(*optional.split(), *(PAGE if page else ())),
        body=tuple(body.split()),
        files=tuple(files.split()),
        renamed=renamed or {},
        free=free,
    )

    def decorate(view: View) -> View:
        view.takes = declared  # type: ignore[attr-defined]
        return view

    return decorate


def of(view: Callable[..., Any]) -> Takes:
    """Return the arguments and fields that an endpoint declares.

    :param view: the endpoint.
    :returns: the declaration; an empty one if the endpoint has none.
    """
    declared: Takes = getattr(view, "takes", Takes())
    return declared
