"""The evaluation of annotations, for programs that ask for types instead of texts.

Rules: imported when something reads an annotation. Then a module's imports for type checkers are carried out,
once, and the placeholders of `_typing` are replaced by what `typing` has.
"""

from __future__ import annotations

import ast
import inspect
import sys
import typing
from collections.abc import Callable, Mapping
from types import GenericAlias, ModuleType
from typing import Any

#: The names of each module, as type checkers see them.
_names: dict[str, dict[str, Any]] = {}

#: What `typing` made for a placeholder: a type variable is made once, because two are never equal.
_made: dict[Any, Any] = {}


def evaluated(texts: Mapping[str, Any], module: str) -> dict[str, Any]:
    """Return annotations with types in place of texts; `module`: the name of the texts' module."""
    if module not in _names:
        names = {name: _real(value) for name, value in vars(sys.modules[module]).items()}
        exec(_imports_for_types(sys.modules[module]), names)  # noqa: S102 - lines of this package
        _names[module] = names
    names = _names[module]
    return {
        name: eval(text, names) if isinstance(text, str) else text  # noqa: S307 - a text of this package
        for name, text in texts.items()
    }


def _real(value: Any) -> Any:
    """Return what `typing` has in place of a placeholder, also within an alias; any other value as it is."""
    from . import _typing

    if isinstance(value, GenericAlias):
        *parameters, last = map(_real, value.__args__)
        origin: Any = value.__origin__
        return origin[parameters, last] if origin is Callable else origin[(*parameters, last)]
    if not isinstance(value, _typing._Name):  # type: ignore[attr-defined]  # only at run time
        return value
    if value not in _made:
        made = getattr(typing, value.name)
        _made[value] = made if value.arguments is None else made(*value.arguments, **_known(value.options))
    return _made[value]


def _known(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a type variable that this Python knows, with types in place of placeholders."""
    has_defaults = sys.version_info >= (3, 13)
    return {name: _real(option) for name, option in options.items() if name != "default" or has_defaults}


def _imports_for_types(module: ModuleType) -> Any:
    """Return the code of a module's blocks `if TYPE_CHECKING:`."""
    body: list[ast.stmt] = []
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            body += node.body
    return compile(ast.Module(body, []), module.__name__, "exec")
