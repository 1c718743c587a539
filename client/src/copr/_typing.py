"""The names of `typing` that are needed when modules are imported, without importing it.

`typing` and what it imports cost more time than this whole package.

Rules: type checkers see `typing` itself. At run time annotations are texts that nobody evaluates, so these
names only have to exist.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, Union, cast
else:

    class _Name:
        """A name of `typing`; it accepts any use."""

        def __init__(self, *_, **__):
            pass

        def __getitem__(self, _):
            return self

    class Generic:
        """A base class with parameters."""

        __slots__ = ()

        def __class_getitem__(cls, _):
            return cls

    class Protocol(Generic):
        """A base class for descriptions of other classes."""

    TypeVar = ParamSpec = _Name
    Any = Concatenate = Self = Union = _Name()

    def cast(_, value):
        return value


__all__ = [
    "TYPE_CHECKING",
    "Any",
    "Concatenate",
    "Generic",
    "ParamSpec",
    "Protocol",
    "Self",
    "TypeVar",
    "Union",
    "cast",
]
