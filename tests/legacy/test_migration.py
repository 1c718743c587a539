"""The page about leaving the old clients is made from its tables, and the package prints it."""

from __future__ import annotations

import subprocess
import sys

import make_migration
import pytest

from copr.migration import page


@pytest.mark.parametrize("path", make_migration.PAGES, ids=lambda path: path.parent.name)
def test_the_page_is_what_the_tables_say(path):
    assert path.read_text() == make_migration.page(), "run docs/make_migration.py"


def test_the_package_prints_the_page():
    run = [sys.executable, "-m", "copr.migration"]
    printed = subprocess.run(run, capture_output=True, text=True, check=True, timeout=60).stdout
    assert printed == page() == make_migration.page()
