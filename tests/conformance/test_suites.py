"""The tests of released programs, with our client instead of the released one."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

PACKIT_TESTS = (
    "tests/unit/test_copr_helper.py",
    "tests/unit/test_iterate_packages.py",
    "tests/integration/test_copr_build.py",
)


@pytest.mark.parametrize(
    ("program", "tests", "passing"),
    [
        ("copr-cli", ["tests"], 56),
        ("copr-builder", ["tests/test_builder.py"], 3),
        (
            "tmt",
            ["tests/unit/artifact/test_copr_build.py", "tests/unit/artifact/test_copr_repository.py"],
            9,
        ),
    ],
)
def test_a_released_programs_own_tests_pass(environment, program, tests, passing):
    outcomes = environment(program, "ours").run_suite(*tests)

    assert Counter(outcomes.values()) == {"passed": passing}


def test_packits_own_tests_pass_where_they_pass_with_the_released_client(environment):
    environments = [environment("packit", client) for client in ("ours", "released")]

    with ThreadPoolExecutor() as pool:
        ours, released = pool.map(lambda each: each.run_suite(*PACKIT_TESTS), environments)

    # Nine want a network even with the released client; without one they fail at once. 30 are expected to
    # fail, and pass; 10 fail, as expected.
    assert Counter(released.values()) == {"passed": 56, "failed": 9, "skipped": 10}
    assert ours == released
