"""tests/README.md is true: its tables name what is in the tests."""

from __future__ import annotations

from pathlib import Path

import documented

TESTS = Path(__file__).parents[1]


def rows(heading: str) -> list[str]:
    """The rows of the table below a heading, without the first two lines."""
    section = (TESTS / "README.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| ")][2:]


def test_the_table_of_documented_examples_names_the_tests_that_stand_for_them():
    assert rows("Examples of the released documentation") == documented.table()
