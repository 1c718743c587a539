"""Which statements of some modules each test reaches, and how long the test takes.

The tests run once, on the code as it is, in child processes that trace them. What they reach is kept in a
file. A test runs again if its own file changes, or the code of a module that it reaches. Comments,
docstrings and the texts in a module do not count.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from mutants import statements_of, without_docstrings
from processes import Child, side_by_side


@dataclass(frozen=True)
class Reached:
    """What a test reaches: statements by their modules, and the seconds that it takes."""

    seconds: float
    statements: dict[str, frozenset[int]]

    @functools.cached_property
    def breadth(self) -> int:
        """How many statements the test reaches."""
        return sum(map(len, self.statements.values()))


class Outcome:
    """A plugin of pytest that notes if a test has failed."""

    def __init__(self) -> None:
        self.failed = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed


def reached_by(
    items: Sequence[pytest.Item], modules: Sequence[str], memory: Path, at_once: int
) -> dict[str, Reached]:
    """Return what each test reaches, by its id; tests that fail on the code as it is are left out.

    :param items: the tests.
    :param modules: names of the modules, which are imported already.
    :param memory: the file with the results of earlier runs, which is read and written.
    :param at_once: the number of child processes.
    :returns: what each test reaches.
    """
    codes = {name: code_stamp(Path(str(sys.modules[name].__file__)), texts=False) for name in modules}
    known: dict[str, Any] = json.loads(memory.read_text()) if memory.exists() else {}
    kept: dict[str, Any] = {}
    for item in items:
        one = known.get(item.nodeid)
        if one and one["test"] == code_stamp(item.path) and one["modules"].items() <= codes.items():
            kept[item.nodeid] = one
    missing = [item for item in items if item.nodeid not in kept]
    if missing:
        say(f"tracing {len(missing)} tests ...")
        started = time.monotonic()
        size = -(-len(missing) // at_once)
        parts = [missing[first : first + size] for first in range(0, len(missing), size)]
        files = [memory.with_suffix(f".new{number}") for number in range(len(parts))]
        work = (
            functools.partial(Child, functools.partial(trace, part, modules, file), 3600.0)
            for part, file in zip(parts, files, strict=True)
        )
        if any(child.code != 0 for child in side_by_side(work, at_once)):
            raise pytest.UsageError("the tests could not be traced")
        for file in files:
            for name, one in json.loads(file.read_text()).items():
                reached = {module: codes[module] for module in one["statements"]}
                stamp = code_stamp(next(item.path for item in missing if item.nodeid == name))
                kept[name] = {**one, "test": stamp, "modules": reached}
            file.unlink()
        memory.write_text(json.dumps({**known, **kept}))
        say(f"traced in {time.monotonic() - started:.0f} s")
        for name, one in kept.items():
            if one["failed"]:
                say(f"not used, as it fails on the code as it is: {name}")
    return {
        name: Reached(one["seconds"], {module: frozenset(each) for module, each in one["statements"].items()})
        for name, one in kept.items()
        if not one["failed"]
    }


def trace(items: Sequence[pytest.Item], modules: Sequence[str], written: Path, _pipe: int) -> int:
    """Run tests, and write what each of them reaches to a file."""
    files = {str(sys.modules[name].__file__): name for name in modules}
    numbers = {file: statements_of(Path(file).read_text()) for file in files}
    lines = {file: set[int]() for file in files}
    outcome = Outcome()
    items[0].config.pluginmanager.register(outcome)

    def on_call(frame: FrameType, _event: str, _argument: object) -> Any:
        seen = lines.get(frame.f_code.co_filename)
        if seen is None:
            return None
        seen.add(frame.f_lineno)

        def on_line(inner: FrameType, _event: str, _argument: object) -> Any:
            seen.add(inner.f_lineno)
            return on_line

        return on_line

    found = {}
    for item, following in with_next(items):
        for each in lines.values():
            each.clear()
        outcome.failed = False
        started = time.perf_counter()
        threading.settrace(on_call)
        sys.settrace(on_call)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        sys.settrace(None)
        threading.settrace(None)  # type: ignore[arg-type]
        taken = time.perf_counter() - started
        reached = {
            files[file]: sorted({numbers[file][line] for line in each if line in numbers[file]})
            for file, each in lines.items()
            if each
        }
        found[item.nodeid] = {"seconds": round(taken, 4), "failed": outcome.failed, "statements": reached}
    written.write_text(json.dumps(found))
    return 0


def with_next(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)


@functools.cache
def code_stamp(file: Path, *, texts: bool = True) -> str:
    """Return a text that changes with the code of a file, but not with its comments and docstrings."""
    tree = without_docstrings(file.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and not texts:
            node.value = ""
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()[:16]


def say(text: str) -> None:
    print(text, file=sys.__stderr__, flush=True)
