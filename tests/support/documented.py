"""The examples of the released documentation that tests stand for.

`tests/README.md` has the table of all of them. `tests/meta/test_tests_readme.py` compares it with the tests,
and `python tests/support/documented.py` prints it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

TESTS = Path(__file__).parents[1]

Test = TypeVar("Test", bound=Callable[..., object])


def stands_for(chapter: str, *headings: str) -> Callable[[Test], Test]:
    """Mark a test that makes the calls of some examples of the documentation.

    :param chapter: number of the chapter, such as "3.3.2".
    :param headings: headings of the examples in that chapter.
    :returns: a decorator that returns the test as it is.
    """
    assert chapter
    assert headings

    def mark(test: Test) -> Test:
        return test

    return mark


def table() -> list[str]:
    """Return the rows of the table: chapter, heading, file and tests."""
    programs: dict[tuple[str, str, str], list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "stands_for":
                    chapter, *headings = map(ast.literal_eval, decorator.args)
                    for heading in headings:
                        key = (chapter, heading, path.relative_to(TESTS).as_posix())
                        programs.setdefault(key, []).append(node.name)
    return [
        f"| {chapter} | {heading} | `{path}`: {', '.join(f'`{name}`' for name in names)} |"
        for (chapter, heading, path), names in sorted(programs.items())
    ]


if __name__ == "__main__":
    print("\n".join(table()))
