"""What an endpoint takes, said where the endpoint is: `swagger.py` makes the API's documentation of it.

    @api.get("/build/list")
    @takes(query="ownername projectname", optional="packagename status", page=True)
    def list_builds() -> Any:

Names of the query and the body are words of one text. What fields of a form may be, their validators say.
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
    """Names of arguments in the query, and of fields in the body: those of the forms, and others.

    :param renamed: fields of the forms that requests call something else.
    :param free: what the body is, where its fields have no fixed names.
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
        """Whether anything is read of the body."""
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
    """Say what an endpoint takes.

    :param forms: those whose fields its body may have.
    :param query: arguments that the query must have; `optional`: those that it may have.
    :param page: whether it also takes `limit`, `offset`, `order` and `order_type`.
    :param body: fields that the body must have, besides those of the forms.
    :param files: parts of a multipart body that are files.
    """
    said = Takes(
        forms=forms,
        query=tuple(query.split()),
        optional=(*optional.split(), *(PAGE if page else ())),
        body=tuple(body.split()),
        files=tuple(files.split()),
        renamed=renamed or {},
        free=free,
    )

    def decorate(view: View) -> View:
        view.takes = said  # type: ignore[attr-defined]
        return view

    return decorate


def of(view: Callable[..., Any]) -> Takes:
    """What an endpoint takes."""
    said: Takes = getattr(view, "takes", Takes())
    return said
