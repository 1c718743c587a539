"""tests/README.md is true: its tables name what is in the tests."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import documented

TESTS = Path(__file__).parents[1]


def rows(heading: str) -> list[str]:
    """The rows of the table below a heading, without the first two lines."""
    section = (TESTS / "README.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][2:]


def test_the_table_of_documented_examples_names_the_tests_that_stand_for_them():
    assert rows("Examples of the released documentation") == documented.table()


BASES = re.compile(r"(HTTPServer|HTTPRequestHandler|BaseAdapter|TCPServer)$")
REPLACES = {"monkeypatch.setattr", "monkeypatch.setitem", "mock.patch", "mock.patch.object", "mock.Mock"}


def has_a_fake(tree: ast.AST) -> bool:
    """Return whether a file has a server, a request handler, an adapter, or a replaced attribute."""
    return any(
        (isinstance(node, ast.ClassDef) and any(BASES.search(ast.unparse(base)) for base in node.bases))
        or (
            isinstance(node, ast.Call)
            and (ast.unparse(node.func) in REPLACES or BASES.search(ast.unparse(node.func)))
        )
        for node in ast.walk(tree)
    )


def test_the_table_of_fakes_names_every_file_that_has_one():
    named = set(re.findall(r"`([\w/]+\.py)`", "".join(row.split("|")[1] for row in rows("Fakes"))))
    assert {name for name in named if not (TESTS / name).exists()} == set()
    found = {
        path.relative_to(TESTS).as_posix()
        for path in TESTS.rglob("*.py")
        if has_a_fake(ast.parse(path.read_text()))
    }
    assert found - named == set()
