"""The paths and queries of API v2's requests, converted for API v3.

Rules: sends nothing. An invalid value raises Refused, with the text of API v2.
"""

from __future__ import annotations

from ..._typing import Any
from ..._wire import Call
from ..routes import Refused
from .render import chroot_parts

#: The most items in a page of API v2.
LONGEST_PAGE = 100


def page_of(call: Call[Any]) -> tuple[int, int]:
    """Return the limit and the offset in the query."""
    limit, offset = number_in_query(call, "limit"), number_in_query(call, "offset")
    in_range = limit is not None and 0 < limit <= LONGEST_PAGE
    return (limit if limit is not None and in_range else LONGEST_PAGE), offset or 0


def number_in_query(call: Call[Any], name: str) -> int | None:
    """Return a number of the query, or None if the query does not have it."""
    value = call.query.get(name)
    refusal = f"Failed to validate query parameter: {name}"
    try:
        number = None if value is None else int(value)
    except ValueError as wrong:
        raise Refused(400, refusal, error=str(wrong)) from wrong
    if number is not None and number < 0:
        raise Refused(400, refusal, error=f"{number} is less than 0")
    return number


def id_in_path(text: str) -> int:
    """Return the id in a path."""
    if not text.isdecimal():
        raise Refused(404)
    return int(text)


def check_chroot(name: str) -> None:
    """Raise Refused if a name is not a valid chroot name."""
    try:
        chroot_parts(name)
    except ValueError as malformed:
        raise Refused(400, f"Bad mock chroot name: {malformed}") from malformed
