"""The names of `typing` that are needed when modules are imported, without importing it.

`typing` and what it imports cost more time than this whole package. For the same reason modules import most
types for type checkers only.

Rules: type checkers see `typing` itself. At run time annotations are texts, and these names only have to
exist. A program that evaluates annotations, such as pydantic or typer, gets the types themselves: `evaluable`
and `Annotations` see to that.
"""

from __future__ import annotations

import sys
from types import FunctionType

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, Union, cast

    from typing_extensions import TypeVar  # type checkers have it, and it has defaults in all versions
else:

    class _Name:
        """A name of `typing`; it accepts any use, and knows how `typing` makes it."""

        def __init__(self, name, arguments=None, options=None):
            self.name, self.arguments, self.options = name, arguments, options

        def __getitem__(self, _):
            return self

    def TypeVar(*arguments, **options):  # noqa: N802 - as in typing
        return _Name("TypeVar", arguments, options)

    def ParamSpec(*arguments, **options):  # noqa: N802 - as in typing
        return _Name("ParamSpec", arguments, options)

    class Generic:
        """A base class with parameters."""

        __slots__ = ()

        def __class_getitem__(cls, _):
            return cls

    class Protocol(Generic):
        """A base class for descriptions of other classes."""

    Any, Concatenate, Self, Union = map(_Name, ("Any", "Concatenate", "Self", "Union"))

    def cast(_, value):
        return value


class Annotations(dict[str, Any]):
    """The annotations of a function or class: texts until something reads them, then types.

    `module`: the name of the module whose names are in the texts; None when they have been evaluated.
    """

    __slots__ = ("module",)

    module: str | None

    def _evaluate(self) -> None:
        if self.module is not None:
            from ._annotations import evaluated

            # The super() of a generator would be another one.
            texts: dict[str, Any] = dict(zip(dict.__iter__(self), dict.values(self), strict=True))
            self.update(evaluated(texts, self.module))
            self.module = None

    def __getitem__(self, name: str) -> Any:
        self._evaluate()
        return super().__getitem__(name)

    def __iter__(self) -> Any:
        # dict() and ** read a dict by its methods if it has an __iter__ of its own.
        self._evaluate()
        return super().__iter__()

    def __eq__(self, other: object) -> bool:
        self._evaluate()
        return bool(super().__eq__(other))

    __hash__ = None  # like any dict

    def __repr__(self) -> str:
        self._evaluate()
        return str(super().__repr__())

    def get(self, name: str, default: Any = None) -> Any:
        """Return one annotation."""
        self._evaluate()
        return super().get(name, default)

    def items(self) -> Any:
        """Return the names with their annotations."""
        self._evaluate()
        return super().items()

    def values(self) -> Any:
        """Return the annotations."""
        self._evaluate()
        return super().values()

    def copy(self) -> dict[str, Any]:
        """Return the annotations as a dict."""
        return dict(self)


def unevaluated(texts: dict[str, Any], module: str) -> Annotations:
    """Return annotations that are evaluated with the names of a module when something reads them."""
    made = Annotations(texts)
    made.module = module
    return made


def evaluable(module: str, *things: Any) -> None:
    """Make the annotations of functions and classes of a module evaluable.

    `things`: default all of the module's. A module calls this at its end.
    """
    for thing in things or list(vars(sys.modules[module]).values()):
        if isinstance(thing, FunctionType):
            _make_evaluable(thing, module)
        elif isinstance(thing, type) and thing.__module__ == module:
            own = vars(thing)
            for member in own.values():
                if isinstance(member, FunctionType):
                    _make_evaluable(member, module)
                elif isinstance(member, (classmethod, staticmethod)):
                    _make_evaluable(member.__func__, module)
                elif isinstance(member, property):
                    _make_evaluable(member.fget, module)
            if type(own.get("__annotations__")) is dict:
                thing.__annotations__ = unevaluated(thing.__annotations__, module)


def _make_evaluable(function: Any, module: str) -> None:
    if function.__module__ == module and type(function.__annotations__) is dict:
        function.__annotations__ = unevaluated(function.__annotations__, module)


__all__ = [
    "TYPE_CHECKING",
    "Annotations",
    "Any",
    "Concatenate",
    "Generic",
    "ParamSpec",
    "Protocol",
    "Self",
    "TypeVar",
    "Union",
    "cast",
    "evaluable",
    "unevaluated",
]
