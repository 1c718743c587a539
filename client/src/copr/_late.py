"""Values and names that are made when somebody asks for them."""

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


def released_names(module: str) -> Callable[[str], Any]:
    """Return a `__getattr__` of a module, for names that the module of the released client has, too."""

    def find(name: str) -> Any:
        if name.startswith("__"):  # the import system asks for such names
            raise AttributeError(name)
        from . import _released_names

        return _released_names.find(module, name)

    return find


evaluable(__name__)
