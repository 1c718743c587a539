"""pytest as a process, for tests of what our users' tests print."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

#: Plugins of this environment: importing them takes two seconds of a processor.
UNUSED = ("schemathesis", "hypothesispytest", "anyio", "requests_mock", "pytest_cov", "xdist")
SECONDS = 120


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the tests in a folder.

    :param folder: the folder; it is also the working directory.
    :param arguments: more arguments of pytest.
    """
    without = [argument for plugin in UNUSED for argument in ("-p", f"no:{plugin}")]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *without, *arguments, folder],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
