"""The environments of released programs, which `tests/support/released_programs.py` makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import released_programs
from copr_cli import CoprCli
from released_programs import Environment

from copr_local import LocalCopr

FindEnvironment = Callable[[str, str], Environment]
ERRORS = pytest.StashKey[dict[tuple[str, str], str]]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Make the environments before the first test, outside of the time limits of tests."""
    config = session.config
    needed = any("environment" in getattr(item, "fixturenames", ()) for item in session.items)
    if needed and not config.option.collectonly:
        config.stash[ERRORS] = released_programs.make_all()


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
    command = environment("copr-cli", request.param).command("copr-cli")
    with LocalCopr() as copr:
        yield CoprCli(command, copr, tmp_path_factory.mktemp("home"))
