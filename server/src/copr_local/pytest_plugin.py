"""What pytest has as soon as copr-local is installed: fixtures `local_copr` and `copr_config`, and a marker.

Pytest imports this module in every run of every project, so it imports next to nothing itself.
"""

from __future__ import annotations

import inspect
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import LocalCopr, LocalCoprError

MARKER = "local_copr(**settings): the local_copr of these tests is started as LocalCopr(**settings)"
_ENVIRONMENT = ("COPR_URL", "COPR_LOGIN", "COPR_TOKEN", "COPR_USERNAME", "COPR_ENCRYPTED", "COPR_GSSAPI")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def local_copr(request: pytest.FixtureRequest) -> Iterator[LocalCopr]:
    """A fresh local Copr for one test, on a free port, with a data folder that is removed afterwards.

    `@pytest.mark.local_copr(builds="scripted")` starts it with these settings. It starts in a fraction of a
    second. Whoever would rather share one among tests overrides the fixture with a broader scope.
    """
    marker = request.node.get_closest_marker("local_copr")
    with _made_as(marker) if marker else LocalCopr() as copr:
        yield copr


def _made_as(marker: pytest.Mark) -> LocalCopr:
    """The service that a marker asks for; the test fails in one line where there is no such thing."""
    known = inspect.signature(LocalCopr).parameters
    unknown = [repr(value) for value in marker.args]
    unknown += [f"{name}=..." for name in marker.kwargs if name not in known]
    if unknown:
        pytest.fail(
            f"@pytest.mark.local_copr({', '.join(unknown)}) is not possible: it takes the arguments of"
            f" LocalCopr, by name: {', '.join(known)}",
            pytrace=False,
        )
    try:
        return LocalCopr(**marker.kwargs)
    except LocalCoprError as error:
        pytest.fail(f"@pytest.mark.local_copr: {error}", pytrace=False)


@pytest.fixture
def copr_config(
    local_copr: LocalCopr, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The configuration file of `local_copr`, and an environment in which clients look there.

    Our client reads `COPR_CONFIG`; the released one reads `~/.config/copr`, so the home is an empty one with
    that file in it. Programs that the test starts inherit both. In this process the released client has
    worked out the path when it was imported.
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
