"""The tests of released programs, with our client instead of the released one."""

from __future__ import annotations

import shutil
from collections import Counter

import pytest

PACKIT_TESTS = (
    "tests/unit/test_copr_helper.py",
    "tests/unit/test_iterate_packages.py",
    "tests/integration/test_copr_build.py",
)

#: The other kinds make other git repositories, which takes most of the time, and the same calls.
ONE_KIND_OF_REPOSITORY = ("-k", "not distgit and not multiple")

#: Nine tests, with their parameters. Without a network they fail at once.
PACKIT_WANTS_A_NETWORK = {
    "test_create_or_update_copr_project",
    "test_create_or_update_copr_project_race_condition",
    "test_get_chroot_specific_configuration_to_update",
    "test_iterate_packages",
}


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


#: Makes the released client's tests the module that they import. Its source is not imported.
CONFTEST = """\
import sys
import released_tests
sys.modules["copr.test"] = released_tests
"""


def test_the_released_clients_own_tests_pass(environment):
    place = environment("copr", "ours")
    package = place.source / "copr"
    if package.exists():
        (package / "test").rename(place.source / "released_tests")
        shutil.rmtree(package)
    (place.source / "conftest.py").write_text(CONFTEST)

    outcomes = place.run_suite("released_tests")

    assert Counter(outcomes.values()) == {"passed": 22}


def test_packits_own_tests_pass_but_for_those_that_want_a_network(environment):
    outcomes = environment("packit", "ours").run_suite(*PACKIT_TESTS, *ONE_KIND_OF_REPOSITORY)

    failed = {test.rpartition("::")[2].partition("[")[0] for test, end in outcomes.items() if end == "failed"}
    assert failed == PACKIT_WANTS_A_NETWORK
    # With copr 2.7 it is the same. Ten of those that pass are expected to fail.
    assert Counter(outcomes.values()) == {"passed": 36, "failed": 9}
