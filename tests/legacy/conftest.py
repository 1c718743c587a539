"""Fixtures that tests of the old clients share."""

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
    """Act as if the old clients' warning was shown before. A test of the warning empties this list."""
    shown = ["a test"]
    monkeypatch.setattr(warning, "_shown", shown)
    return shown
