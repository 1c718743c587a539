"""Mutants of a module: copies of its source with one small change each, made by the operators of mutmut.

mutmut only makes the changes. Its own runner collects the tests again for each mutant, which takes seconds.
`runner.py` collects them once.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import libcst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import Mutation, create_mutations, deep_replace

#: mutmut changes nothing in a function that has another decorator than this one. Only code objects are taken
#: from the changed source, so the decorator is of no account there.
DECORATOR = re.compile(r"^(\s*)@(?:property|contextmanager|cached_property|wraps\(.*\))$", re.MULTILINE)


@dataclass(frozen=True)
class Mutant:
    """One change of a module.

    `function` is the qualified name of the changed function. It is empty if a value of the module is changed;
    then `name` is the name of that value. `lines` are those of the statement, or of the whole function if its
    parameters are changed. `source` is the whole changed source.
    """

    key: str
    function: str
    name: str
    line: int
    lines: range
    before: str
    after: str
    source: str


def of_file(path: Path, work: Path, unchanged: list[str]) -> list[Mutant]:
    """Return the mutants of a module, but for those that change only upper and lower case of a text.

    :param path: the module's source.
    :param work: a folder to write mutmut's settings to.
    :param unchanged: patterns of lines on which nothing is changed.
    """
    text = path.read_text()
    with settings_of_mutmut(work, unchanged):
        module, changes, _, _ = create_mutations(str(path), DECORATOR.sub(r"\1@staticmethod", text))
    places = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    tree = ast.parse(text)
    found: dict[str, Mutant] = {}
    for change in changes:
        if only_case(change) or change.original_node not in places:
            continue
        line = places[change.original_node].start.line
        where = place(tree, line)
        source = deep_replace(module, change.original_node, change.mutated_node)
        assert isinstance(source, libcst.Module)
        if where is not None:
            mutant = mutant_of(text, DECORATOR.sub(r"\1@staticmethod", text), source.code, where, line)
            found.setdefault(mutant.key, mutant)
    return list(found.values())


def mutant_of(text: str, original: str, changed: str, where: tuple[str, str, range], line: int) -> Mutant:
    function, name, lines = where
    before, after = different_lines(original, changed)
    digest = hashlib.sha256(
        f"{text.splitlines()[lines.start - 1 : lines.stop - 1]}{before}{after}".encode()
    ).hexdigest()
    return Mutant(f"{function or name}:{digest[:12]}", function, name, line, lines, before, after, changed)


def different_lines(original: str, changed: str) -> tuple[str, str]:
    """Return the lines that differ, of either text."""
    old, new = original.splitlines(), changed.splitlines()
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return "\n".join(old), "\n".join(new)


def only_case(change: Mutation) -> bool:
    old, new = change.original_node, change.mutated_node
    if not isinstance(old, libcst.SimpleString) or not isinstance(new, libcst.SimpleString):
        return False
    return old.value != new.value and old.value.lower() == new.value.lower()


def place(tree: ast.Module, line: int) -> tuple[str, str, range] | None:
    """Return the function or the name of the value that a line is in, and the lines of its statement.

    Return None for types, and for what runs only when the module is imported (bodies of classes, imports).
    """
    names: list[str] = []
    function = ""
    lines = range(line, line + 1)
    body: list[ast.stmt] = tree.body
    while True:
        found = next((each for each in body if start_of(each) <= line <= (each.end_lineno or 0)), None)
        if found is None:
            return (function, "", lines) if function else None
        inner = [each for each in children(found) if each]
        first = min(
            (start_of(each) for block in inner for each in block), default=(found.end_lineno or 0) + 1
        )
        lines = range(start_of(found), first)
        if isinstance(found, ast.FunctionDef | ast.ClassDef) and not function:
            names.append(found.name)
            if isinstance(found, ast.FunctionDef):
                function = ".".join(names)
                lines = range(start_of(found), (found.end_lineno or 0) + 1) if line < first else lines
        if not inner:
            break
        body = [each for block in inner for each in block]
    if function:
        return function, "", lines
    targets = found.targets if isinstance(found, ast.Assign) else [getattr(found, "target", None)]
    if (
        names
        or len(targets) != 1
        or not isinstance(targets[0], ast.Name)
        or is_type(getattr(found, "value", None))
    ):
        return None
    return "", targets[0].id, lines


def is_type(value: ast.expr | None) -> bool:
    """Return True for a type variable or the name of a type, which are only for type checkers."""
    called = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "TypeVar"
    return called or isinstance(value, ast.Subscript)


def children(statement: ast.stmt) -> list[list[ast.stmt]]:
    blocks = [getattr(statement, name, None) or [] for name in ("body", "orelse", "finalbody")]
    blocks += [each.body for each in getattr(statement, "handlers", []) + getattr(statement, "cases", [])]
    return blocks


def start_of(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(each.lineno for each in decorators)])


@contextmanager
def settings_of_mutmut(work: Path, unchanged: list[str]) -> Iterator[None]:
    """mutmut reads its settings from the current folder."""
    work.mkdir(parents=True, exist_ok=True)
    patterns = ", ".join(f"'{each}'" for each in unchanged)
    text = f'[tool.mutmut]\nsource_paths = ["."]\ndo_not_mutate_patterns = [{patterns}]\n'
    (work / "pyproject.toml").write_text(text)
    before = Path.cwd()
    os.chdir(work)
    try:
        yield
    finally:
        os.chdir(before)
