"""The pytest fixture `local_copr`, there as soon as copr-local is installed.

Pytest imports this module in every run of every project, so it imports next to nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from . import LocalCopr


@pytest.fixture
def local_copr() -> Iterator[LocalCopr]:
    """A fresh local Copr for one test, on a free port, with a data folder that is removed afterwards.

    It starts in a fraction of a second. A test module that would rather share one overrides the fixture
    with a broader scope: `with LocalCopr() as copr: yield copr`.
    """
    with LocalCopr() as copr:
        yield copr
