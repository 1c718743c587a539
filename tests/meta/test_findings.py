"""findings/README.md has a row for each script of the folder, and each script can be run."""

from __future__ import annotations

import os
import re
from pathlib import Path

FINDINGS = Path(__file__).parents[2] / "findings"


def test_each_finding_has_a_row_and_can_be_run():
    rows = re.findall(r"^\| `([^`]+\.sh)` \|", (FINDINGS / "README.md").read_text(), re.MULTILINE)
    scripts = sorted(path.name for path in FINDINGS.glob("*.sh"))
    assert sorted(rows) == scripts
    assert [name for name in scripts if not os.access(FINDINGS / name, os.X_OK)] == []
