"""The environments of released programs, which `tests/support/released_programs.py` makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import released_programs
from copr_cli import CoprCli
from released_programs import Environment
from warm_program import WarmProgram

from copr_local import LocalCopr

FindEnvironment = Callable[[str, str], Environment]
# Not `copr_cli.main`, which reads the arguments of the process when it is loaded.
LOADED = "requests,rich.console,copr.v3," + ",".join(
    f"copr_cli.{module}" for module in ("build_config", "monitor", "printers", "util")
)
ERRORS = pytest.StashKey[dict[tuple[str, str], str]]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> object:
    """Wait for the environments before the first test that needs one, outside of its time limit."""
    stash = item.config.stash
    if "environment" in getattr(item, "fixturenames", ()) and ERRORS not in stash:
        stash[ERRORS] = released_programs.make_all()
    return (yield)


@pytest.fixture(scope="session")
def environment(request: pytest.FixtureRequest) -> FindEnvironment:
    """Return the environment of a program: `environment("copr-cli", "released")`."""
    errors = request.config.stash[ERRORS]

    def find(name: str, client: str) -> Environment:
        assert (name, client) not in errors, errors[name, client]
        return released_programs.environment(name, client)

    return find


@pytest.fixture(scope="module", params=["ours", "released"])
def cli(request, environment, tmp_path_factory) -> Iterator[CoprCli]:
    find = environment("copr-cli", request.param).command
    with WarmProgram(find("python"), find("copr-cli"), LOADED) as program, LocalCopr() as copr:
        yield CoprCli(program.command, copr, tmp_path_factory.mktemp("home"))
