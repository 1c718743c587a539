"""The pytest plugin of copr-local: the marker `local_copr`, and three fixtures.

These are `local_copr`, `copr_config` and `copr_messages`.

Every run of pytest imports this module if copr-local is installed, so it imports as little as possible.
"""

from __future__ import annotations

import inspect
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from . import LocalCopr, LocalCoprError

if TYPE_CHECKING:
    from .events.memory import Messages

MARKER = "local_copr(**settings): start the local_copr of these tests as LocalCopr(**settings)"
_ENVIRONMENT = ("COPR_URL", "COPR_LOGIN", "COPR_TOKEN", "COPR_USERNAME", "COPR_ENCRYPTED", "COPR_GSSAPI")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker `local_copr`.

    :param config: the configuration of pytest.
    """
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def local_copr(request: pytest.FixtureRequest) -> Iterator[LocalCopr]:
    """Start a local Copr for one test, on a free port, with a data folder that is removed afterwards.

    `@pytest.mark.local_copr(builds="scripted")` starts it with these settings. It starts in a fraction of a
    second. To share one service among tests, override this fixture with a broader scope. In a test with
    `copr_messages` it sends messages about builds.

    :param request: the request for this fixture.
    :yields: the running service.
    """
    marker = request.node.get_closest_marker("local_copr") or pytest.mark.local_copr.mark
    settings = {"events": True} if "copr_messages" in request.fixturenames else {}
    with _made_as(marker, settings) as copr:
        yield copr


@pytest.fixture
def copr_messages(local_copr: LocalCopr) -> Messages:
    """Return the messages about builds of `local_copr`, as consumers of a message broker get them.

    :param local_copr: the running service.
    :returns: a sequence, oldest first, in which new messages appear.
    """
    return local_copr.messages


def _made_as(marker: pytest.Mark, settings: dict[str, Any]) -> LocalCopr:
    """Return a service with settings, and those of a marker; fail the test in one line if these are wrong."""
    known = inspect.signature(LocalCopr).parameters
    unknown = [repr(value) for value in marker.args]
    unknown += [f"{name}=..." for name in marker.kwargs if name not in known]
    if unknown:
        pytest.fail(
            f"@pytest.mark.local_copr({', '.join(unknown)}) is not valid: use the arguments of"
            f" LocalCopr, by name: {', '.join(known)}",
            pytrace=False,
        )
    try:
        return LocalCopr(**{**settings, **marker.kwargs})
    except LocalCoprError as error:
        pytest.fail(f"@pytest.mark.local_copr: {error}", pytrace=False)


@pytest.fixture
def copr_config(
    local_copr: LocalCopr, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Return the path of the client configuration of `local_copr`, and make clients use it.

    Our client reads `COPR_CONFIG`. The released client reads `~/.config/copr`, so this fixture sets `HOME`
    to a new folder with that file. Programs that the test starts inherit both. If the released client is
    already imported in this process, its default path is changed too.

    :param local_copr: the running service.
    :param tmp_path_factory: pytest's factory of temporary folders.
    :param monkeypatch: restores the environment after the test.
    :returns: the path of the configuration file.
    """
    home = tmp_path_factory.mktemp("home")
    path = home / ".config" / "copr"
    path.parent.mkdir()
    shutil.copy(local_copr.config_path, path)
    for name in _ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(path.parent))
    monkeypatch.setenv("COPR_CONFIG", str(path))
    if client := sys.modules.get("copr.v3.helpers"):
        monkeypatch.setattr(client, "DEFAULT_CONFIG_PATH", str(path), raising=False)
    return path
