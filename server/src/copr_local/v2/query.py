"""The query parameters of a request: integers, flags, choices, and the limit and offset of a page."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from flask import request

from ..rules.listing import LARGEST, Page
from .errors import Refused

MOST = 100  # rows of a page
TRUE = ["true", "yes", "1"]
FALSE = ["false", "no", "0"]


def number(name: str) -> int | None:
    """Return an integer query parameter.

    :param name: name of the parameter.
    :returns: the integer; None if the request does not have the parameter.
    :raises Refused: it is not an integer, is negative, or is larger than `LARGEST`.
    """
    text = request.args.get(name)
    if text is None:
        return None
    try:
        found = int(text)
    except ValueError as error:
        raise _wrong(name, str(error)) from error
    if not 0 <= found <= LARGEST:
        raise _wrong(name, f"{found} is not a number from 0 to {LARGEST}")
    return found


def flag(name: str) -> bool | None:
    """Return a query parameter that is true or false.

    :param name: name of the parameter.
    :returns: the value; None if the request does not have the parameter.
    :raises Refused: the value is neither in `TRUE` nor in `FALSE`.
    """
    text = request.args.get(name)
    if text is None or text.lower() in TRUE:
        return None if text is None else True
    if text.lower() in FALSE:
        return False
    allowed = f"Allowed values: {TRUE} and {FALSE}"
    raise _wrong(name, f"Value `{text}` doesn't belong to either true of false sets. {allowed}")


def choice(name: str, allowed: Iterable[str]) -> str | None:
    """Return a query parameter with one of the allowed words.

    :param name: name of the parameter.
    :param allowed: the allowed words.
    :returns: the word; None if the request does not have the parameter.
    :raises Refused: it is another word.
    """
    text, words = request.args.get(name), list(allowed)
    if text is not None and text not in words:
        raise _wrong(name, f"{text} is not a valid choice", help=f"allowed states: {' '.join(words)}")
    return text


def page() -> Page:
    """Return the page that the query parameters `limit` and `offset` ask for.

    :returns: the page. A missing limit, 0 and a limit above `MOST` become `MOST`.
    :raises Refused: a parameter is not a valid integer.
    """
    limit = number("limit")
    return Page(limit if limit and limit <= MOST else MOST, number("offset") or 0)


def page_link(page: Page) -> dict[str, int | None]:
    """Return the query parameters of a page, for a link to it.

    :param page: the page.
    :returns: the parameters by name; None to leave one out.
    """
    return {"limit": page.limit, "offset": page.offset or None}


def link(path: str, **parts: object) -> str:
    """Return a path with a query string.

    :param path: the path.
    :param parts: query parameters; those that are None are left out.
    :returns: the path, with `?` and the query string if any parameter is left.
    """
    query = urlencode({name: part for name, part in parts.items() if part is not None})
    return f"{path}?{query}" if query else path


def _wrong(name: str, text: str, **more: str) -> Refused:
    """Return the error for a query parameter that is not valid."""
    return Refused(f"Failed to validate query parameter: {name}", data={"error": text, **more})
