"""Pages of a listing: limit, offset, and the column to sort by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, inspect
from sqlalchemy.orm import InstrumentedAttribute

from ..models import Base
from .errors import RuleError

LARGEST = 2**63 - 1  # the largest number that SQLite holds


class CannotOrder(RuleError):
    """A listing cannot be sorted by this."""


@dataclass(frozen=True)
class Page:
    """Which rows of a listing are wanted: at most `limit` (None: all), after the first `offset`."""

    limit: int | None = None
    offset: int = 0
    order: str = "id"
    descending: bool = False


def column(page: Page, model: type[Base], called: str) -> InstrumentedAttribute[Any]:
    """The column by which a listing is to be sorted.

    :param called: what the model is called in the error's text.
    :raises CannotOrder: there is no such column.
    """
    if page.order in inspect(model).column_attrs:
        found: InstrumentedAttribute[Any] = getattr(model, page.order)
        return found
    if hasattr(model, page.order):
        raise CannotOrder(f"Cannot order by {page.order}")
    raise CannotOrder(f"Cannot order by {page.order}, {called} doesn't have such property")


def cut(query: Select[Any], page: Page) -> Select[Any]:
    """The query, for the rows of one page only."""
    return query.limit(page.limit).offset(page.offset)
