"""A test that starts other programs than Python has a mark, so that `./run-tests --quick` leaves it out."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest
from pytest_runs import run_pytest

TESTS = Path(__file__).parents[1]

EXAMPLE = """\
import subprocess
import sys

import pytest


def test_python():
    subprocess.run([sys.executable, "-c", ""], check=True)


def test_another():
    try:
        subprocess.run(["./another"], check=True)
    except PermissionError:
        pass


@pytest.mark.programs
def test_another_with_a_mark():
    subprocess.run(["./another"], check=True)
"""


def test_a_test_without_a_mark_starts_nothing_but_python(tmp_path):
    (tmp_path / "conftest.py").write_text((TESTS / "conftest.py").read_text())
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    programs\n")
    (tmp_path / "test_example.py").write_text(EXAMPLE)
    (tmp_path / "another").write_text(f"#!{sys.executable}\n")
    (tmp_path / "another").chmod(0o755)
    done = run_pytest(tmp_path)
    assert "test_another starts another: mark it with `programs`" in done.stdout
    assert "3 passed, 1 error" in done.stdout


@pytest.mark.parametrize("table", ["PROGRAMS", "SLOW"])
def test_what_the_tables_of_marks_name_exists(table):
    for place in runpy.run_path(str(TESTS / "conftest.py"))[table]:
        assert (TESTS / place).exists(), place
