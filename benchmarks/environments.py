"""The environments whose clients are measured: this checkout's own, and one for the released client.

Rules: the released client comes from the package index, with the versions of its own dependencies that are
newest there, into a folder of its own; nothing is installed twice.
"""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
RELEASED_VERSION = "2.7"


def own_python() -> Path:
    """The Python that has this checkout's client: the one that runs this."""
    return Path(sys.executable)


def released_python(version: str = RELEASED_VERSION) -> Path:
    """The Python of an environment with a released client, made if it is not there yet.

    Raises RuntimeError where the package index cannot be reached.
    """
    folder = ROOT / ".run" / f"released-{version}"
    stamp = folder / "complete"
    python = folder / "bin" / "python"
    folder.parent.mkdir(exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists():
            print(f"Installing copr {version} into {folder.relative_to(ROOT)} ...", file=sys.stderr)
            _run([sys.executable, "-m", "venv", "--clear", folder])
            _run([python, "-m", "pip", "install", "--quiet", f"copr=={version}"])
            stamp.touch()
    return python


def _run(command: list[str | Path]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - ours
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed: {done.stderr.strip()}")
