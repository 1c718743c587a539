"""The marker of the fixture `local_copr`, in a separate test run: its errors are one line."""

from __future__ import annotations

import pytest
from pytest_runs import run_pytest

SAID = {
    'build="scripted"': "@pytest.mark.local_copr(build=...) is not valid: use the arguments of "
    "LocalCopr, by name: data, host, port, username, chroots, ",
    '"scripted"': "@pytest.mark.local_copr('scripted') is not valid: use the arguments of LocalCopr",
    'builds="quick"': "@pytest.mark.local_copr: builds='quick' is not valid: use 'real' or 'scripted'",
    "": 'start it as LocalCopr(builds="scripted"), or mark the test with @pytest.mark.local_copr(builds=',
}
TEST = """
@pytest.mark.local_copr({})
def test_{}(local_copr):
    local_copr.script("hello", fails="no")
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the output of pytest for tests with these markers."""
    folder = tmp_path_factory.mktemp("tests")
    tests = [TEST.format(arguments, number) for number, arguments in enumerate(SAID)]
    (folder / "test_it.py").write_text("\n".join(["import pytest", *tests]))
    done = run_pytest(folder, "--strict-markers")
    assert done.returncode == 1
    return done.stdout


@pytest.mark.parametrize("arguments", SAID)
def test_what_is_wrong_with_a_marker_is_said(arguments: str, printed: str) -> None:
    assert SAID[arguments] in printed


def test_what_is_wrong_with_a_marker_is_no_fault_of_the_plugin(printed: str) -> None:
    assert "TypeError" not in printed
    assert "pytest_plugin.py" not in printed
