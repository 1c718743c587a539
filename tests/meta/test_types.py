"""What editors and type checkers know of results, methods and mistakes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests" / "support" / "typed_program.py"
CHECKERS = {
    "mypy": ["mypy", "--strict", "--warn-unused-ignores"],
    "pyright": ["basedpyright", "--level", "error", "--pythonpath", sys.executable],
}


def check(checker, program):
    command, *options = CHECKERS[checker]
    return subprocess.run(
        [Path(sys.executable).with_name(command), *options, program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_checker_sees_what_the_program_says_it_must(checker):
    run = check(checker, PROGRAM)
    assert run.returncode == 0, run.stdout


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_checker_finds_mistakes(checker, tmp_path):
    mistakes = [
        "client.build_proxy.get(5).colour",
        "client.build_proxy.get()",
        "client.build_proxy.get(5).id.upper()",
        "client.project_proxy.get('alice', 'hello', colour='red')",
    ]
    lines = ["from copr.v3 import Client", "client = Client({})", *mistakes, "client.build_proxy.get(5).id"]
    program = tmp_path / "program.py"
    program.write_text("\n".join(lines) + "\n")
    run = check(checker, program)
    assert run.returncode == 1, run.stdout
    assert set(re.findall(r"program\.py:(\d+):.*error", run.stdout)) == {"3", "4", "5", "6"}, run.stdout
