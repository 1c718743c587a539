"""The environments whose clients are measured, one each: this checkout's client, and the released one.

Rules: each has its client and what that requires, with the versions that are newest on the package index, and
nothing else: what happens to lie beside a client costs it time (munch imports PyYAML where it finds it). The
checkout's own is installed as it stands; nothing is installed twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
RELEASED_VERSION = "2.7"


def own_python() -> Path:
    """The Python of an environment with this checkout's client, and what its async half needs.

    Raises RuntimeError where the package index cannot be reached.
    """
    project = ROOT / "client"
    version = hashlib.sha256((project / "pyproject.toml").read_bytes()).hexdigest()[:12]
    return _python(ROOT / ".run" / f"measured-{version}", ["--editable", f"{project}[async]"])


def released_python(version: str = RELEASED_VERSION) -> Path:
    """The Python of an environment with a released client.

    Raises RuntimeError where the package index cannot be reached.
    """
    return _python(ROOT / ".run" / f"released-{version}", [f"copr=={version}"])


def _python(folder: Path, what: list[str]) -> Path:
    """The Python of an environment with `what` pip installs, made if it is not there yet."""
    stamp = folder / "complete"
    python = folder / "bin" / "python"
    folder.parent.mkdir(exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists():
            print(f"Installing {what[-1]} into {folder.relative_to(ROOT)} ...", file=sys.stderr)
            _run([sys.executable, "-m", "venv", "--clear", folder])
            _run([python, "-m", "pip", "install", "--quiet", *what])
            stamp.touch()
    return python


def _run(command: list[str | Path]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - ours
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed: {done.stderr.strip()}")
