"""The names of `typing` that are needed when modules are imported, without importing it: it and what it
imports cost more time than all of this package.

Rules: type checkers see `typing` itself. At run time annotations are texts that nobody evaluates, so that all
a name has to do here is to stand where it stands.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, Union, cast
else:

    class _Name:
        """Stands for a variable or a form of typing, whatever is done with it."""

        def __init__(self, *_, **__):
            pass

        def __getitem__(self, _):
            return self

    class Generic:
        """A base class that takes parameters."""

        __slots__ = ()

        def __class_getitem__(cls, _):
            return cls

    class Protocol(Generic):
        """A base class of what is only described."""

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
