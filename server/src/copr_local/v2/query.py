"""What a request brings in its query string: numbers, flags, choices, and which page is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from flask import request

from ..rules.listing import LARGEST, Page
from .errors import Refused

MOST = 100  # rows in a page
TRUE = ["true", "yes", "1"]
FALSE = ["false", "no", "0"]


def number(name: str) -> int | None:
    """A number; None if it is not there.

    :raises Refused: it is none, or none that this service can hold.
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
    """A flag; None if it is not there.

    :raises Refused: it is neither true nor false.
    """
    text = request.args.get(name)
    if text is None or text.lower() in TRUE:
        return None if text is None else True
    if text.lower() in FALSE:
        return False
    allowed = f"Allowed values: {TRUE} and {FALSE}"
    raise _wrong(name, f"Value `{text}` doesn't belong to either true of false sets. {allowed}")


def choice(name: str, allowed: Iterable[str]) -> str | None:
    """One of some words; None if it is not there.

    :raises Refused: it is another word.
    """
    text, words = request.args.get(name), list(allowed)
    if text is not None and text not in words:
        raise _wrong(name, f"{text} is not a valid choice", help=f"allowed states: {' '.join(words)}")
    return text


def page() -> Page:
    """Which page is wanted; no limit, or one out of range, means the most there can be.

    :raises Refused: a number is none.
    """
    limit = number("limit")
    return Page(limit if limit and limit <= MOST else MOST, number("offset") or 0)


def page_link(page: Page) -> dict[str, int | None]:
    """The page as parts of a link."""
    return {"limit": page.limit, "offset": page.offset or None}


def link(path: str, **parts: object) -> str:
    """A path, and a query of those parts that say something."""
    query = urlencode({name: part for name, part in parts.items() if part is not None})
    return f"{path}?{query}" if query else path


def _wrong(name: str, text: str, **more: str) -> Refused:
    return Refused(f"Failed to validate query parameter: {name}", data={"error": text, **more})
