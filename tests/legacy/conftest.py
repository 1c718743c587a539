"""What tests of the old clients share."""

from __future__ import annotations

import pytest
from stub import serving

from copr._bridge import warning


@pytest.fixture
def stub():
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def warned(monkeypatch):
    """The old clients' warning has been seen; a test of the warning itself empties this list."""
    shown = ["a test"]
    monkeypatch.setattr(warning, "_shown", shown)
    return shown
