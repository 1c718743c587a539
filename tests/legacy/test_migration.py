"""The page on leaving the old clients is what its tables say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from copr.migration import page

PAGE = Path(__file__).parents[2] / "docs" / "migration.md"


def test_the_page_is_what_the_tables_say():
    assert PAGE.read_text() == page(), "run: python3 -m copr.migration > docs/migration.md"


def test_the_package_prints_the_page():
    run = [sys.executable, "-m", "copr.migration"]
    assert subprocess.run(run, capture_output=True, text=True, check=True, timeout=60).stdout == page()
