"""Puts a mutant into this process: functions get its code, modules its values. Nothing is imported again."""

from __future__ import annotations

import ast
import gc
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from mutants import Mutant, start_of, value_name


def functions_of(file: Path) -> dict[str, list[FunctionType]]:
    """Return the functions of a file that exist, by their qualified names."""
    found = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename == str(file):
            found[each.__code__.co_qualname].append(each)
    return found


def codes_of(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from codes_of(each)


def put(module: ModuleType, functions: dict[str, list[FunctionType]], mutant: Mutant) -> None:
    """Change a module in this process as a mutant says; what its functions have cached is forgotten."""
    for each in vars(module).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()
    if not mutant.function:
        set_value(module, mutant)
        return
    changed = compile(mutant.source, str(module.__file__), "exec")
    done = False
    for code in codes_of(changed):
        if code.co_qualname == mutant.function:
            for function in functions[mutant.function]:
                if function.__code__.co_firstlineno == code.co_firstlineno:
                    function.__code__ = code
                    set_defaults(function, mutant)
                    done = True
    assert done, mutant.key


def set_defaults(function: FunctionType, mutant: Mutant) -> None:
    for node in ast.walk(ast.parse(mutant.source)):
        if (
            isinstance(node, ast.FunctionDef)
            and node.name == function.__name__
            and start_of(node) == function.__code__.co_firstlineno
        ):
            positional = [value(each, function.__globals__) for each in node.args.defaults]
            function.__defaults__ = tuple(positional) or None
            names = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            keywords = {
                name.arg: value(each, function.__globals__) for name, each in names if each is not None
            }
            function.__kwdefaults__ = keywords or None


def value(node: ast.expr, names: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "<mutant>", "eval"), names)


def set_value(module: ModuleType, mutant: Mutant) -> None:
    """Set a value of a module, there and wherever it is held: by modules, classes and arguments of fields."""
    old = getattr(module, mutant.name)
    for node in ast.parse(mutant.source).body:
        if value_name(node) == mutant.name:
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            assert node.value is not None
            new = value(node.value, vars(module))
            break
    if isinstance(old, dict) and isinstance(new, dict):
        old.clear()  # whoever holds the old one, such as the parameters of a test, sees the change
        old.update(new)
        return
    if isinstance(old, tuple | list | set | frozenset) and old:
        replace_everywhere(old, new)
    package = module.__name__.partition(".")[0]
    for name, each in list(sys.modules.items()):
        if name.partition(".")[0] == package and vars(each).get(mutant.name) is old:
            setattr(each, mutant.name, new)


def replace_everywhere(old: object, new: object) -> None:
    """Replace an object in all dicts and instances, and in tuples and dicts that these hold."""
    for holder in gc.get_objects():
        try:
            names = holder if type(holder) is dict else object.__getattribute__(holder, "__dict__")
        except AttributeError:
            continue
        for key, each in list(names.items()):
            if each is old and isinstance(names, dict):
                names[key] = new
            elif type(each) is tuple and any(one is old for one in each) and isinstance(names, dict):
                names[key] = tuple(new if one is old else one for one in each)
            elif type(each) is dict and any(one is old for one in each.values()):
                each.update({name: new for name, one in each.items() if one is old})
