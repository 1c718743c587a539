"""A value that is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable

from ._typing import Any, evaluable


class Late:
    """Something that a value is made of later; `shown` is the `repr` of the value."""

    __slots__ = ("_shown", "make")

    def __init__(self, make: Callable[[], Any], shown: str) -> None:
        self.make = make
        self._shown = shown

    def __repr__(self) -> str:
        return self._shown


def value_of(stored: Any) -> Any:
    """Return a stored value, or make it."""
    return stored.make() if type(stored) is Late else stored


evaluable(__name__)
