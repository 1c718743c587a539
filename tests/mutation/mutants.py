"""Mutants of a module: copies of its source with one small change each, made by the operators of mutmut.

mutmut only makes the changes. Its own runner collects the tests again for each mutant, which takes seconds.
`runner.py` collects them once.

Comments, docstrings and line breaks do not count: a mutant keeps its key, and so its result, when they
change. For the same reason places in a module are statements, counted from its beginning, and not lines.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
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
    then `name` is the name of that value. `statements` has the changed statement, or all statements of the
    function if its parameters are changed. `source` is the whole changed source.
    """

    key: str
    function: str
    name: str
    line: int
    statements: tuple[int, ...]
    before: str
    after: str
    source: str


def of_file(path: Path, work: Path, unchanged: list[str]) -> list[Mutant]:
    """Return the mutants of a module, but for those that change only upper and lower case of a text.

    :param path: the module's source.
    :param work: a folder to write mutmut's settings to.
    :param unchanged: patterns of lines on which nothing is changed.
    :returns: the mutants, in the order of their lines.
    """
    text = path.read_text()
    changeable = DECORATOR.sub(r"\1@staticmethod", text)
    with settings_of_mutmut(work, unchanged):
        module, changes, _, _ = create_mutations(str(path), changeable)
    places = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    tree = ast.parse(text)
    statements = statements_of(text)
    code_before = functools.cache(functools.partial(code_of, without_docstrings(changeable)))
    found: dict[str, Mutant] = {}
    for change in changes:
        if only_case(change) or change.original_node not in places:
            continue
        line = places[change.original_node].start.line
        where = place(tree, line)
        if where is None:
            continue
        function, name, lines = where
        source = changed_source(module, changeable, change)
        before = code_before(function or name)
        after = code_of(without_docstrings(source), function or name)
        if before == after:
            continue
        key = f"{function or name}:{hashlib.sha256((before + after).encode()).hexdigest()[:12]}"
        reached = tuple(sorted({statements[each] for each in lines if each in statements}))
        changed = different_lines(changeable, source)
        found.setdefault(key, Mutant(key, function, name, line, reached, *changed, source))
    return list(found.values())


def without_docstrings(text: str) -> ast.Module:
    """Return the syntax tree of a source without its docstrings."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and is_text(node.body[0]):
            del node.body[0]
    return tree


def is_text(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def changed_source(module: libcst.Module, text: str, change: Mutation) -> str:
    """Return the source of a module with a change; to write only the changed function anew is quicker."""
    whole = change.contained_by_top_level_function
    if whole is not None and text.count(old := module.code_for_node(whole)) == 1:
        return text.replace(old, module.code_for_node(replaced(whole, change)))
    source = replaced(module, change)
    assert isinstance(source, libcst.Module)
    return source.code


def replaced(tree: libcst.CSTNode, change: Mutation) -> libcst.CSTNode:
    if tree is change.original_node:
        return change.mutated_node
    found = deep_replace(tree, change.original_node, change.mutated_node)
    assert isinstance(found, libcst.CSTNode)
    return found


def code_of(tree: ast.Module, name: str) -> str:
    """Return the code of a function or of a value of a module, by its qualified name."""
    body = tree.body
    for part in name.split("."):
        for node in body:
            known = node.name if isinstance(node, ast.ClassDef | ast.FunctionDef) else value_name(node)
            if known == part:
                break
        else:
            return ""
        body = getattr(node, "body", [])
    return ast.unparse(node)


def value_name(node: ast.stmt) -> str | None:
    """Return the name of the value that a statement sets, if it sets one."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return targets[0].id if len(targets) == 1 and isinstance(targets[0], ast.Name) else None


def statements_of(text: str) -> dict[int, int]:
    """Return the statement that each line of a source is in, the innermost one.

    Statements are counted from the beginning of the source, without docstrings.
    """
    found: dict[int, int] = {}
    count = 0

    def collect(body: Iterable[ast.stmt]) -> None:
        nonlocal count
        for node in body:
            count += 1
            found.update(dict.fromkeys(range(start_of(node), (node.end_lineno or 0) + 1), count))
            for block in children(node):
                collect(block)

    collect(without_docstrings(text).body)
    return found


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
    name = value_name(found)
    if names or name is None or is_type(getattr(found, "value", None)):
        return None
    return "", name, lines


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
