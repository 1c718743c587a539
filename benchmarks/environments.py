"""The environments of the two clients: one for the client of this checkout, one for the released client.

Rules: an environment has its client and the newest versions of its dependencies, and nothing else. Other
packages can cost time: munch imports PyYAML if it is installed. The client of this checkout is installed in
editable mode. Nothing is installed twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
RELEASED_VERSION = "2.7"
UV = (sys.executable, ROOT / ".ci" / "uv.py")


def own_python() -> Path:
    """Return the Python of an environment with the client of this checkout and its async dependencies.

    :raises RuntimeError: the package index cannot be reached.
    """
    project = ROOT / "client"
    version = hashlib.sha256((project / "pyproject.toml").read_bytes()).hexdigest()[:12]
    return _python(ROOT / ".run" / f"measured-{version}", ["--editable", f"{project}[async]"])


def released_python(version: str = RELEASED_VERSION) -> Path:
    """Return the Python of an environment with a released client.

    :raises RuntimeError: the package index cannot be reached.
    """
    return _python(ROOT / ".run" / f"released-{version}", [f"copr=={version}"])


def _python(folder: Path, what: list[str]) -> Path:
    """Python of an environment with `what`; it is created if it does not exist."""
    stamp = folder / "complete"
    python = folder / "bin" / "python"
    folder.parent.mkdir(exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists():
            print(f"Installing {what[-1]} into {folder.relative_to(ROOT)} ...", file=sys.stderr)
            _run([*UV, "venv", "--quiet", "--clear", "--python", sys.executable, folder])
            _run([*UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *what])
            stamp.touch()
    return python


def _run(command: list[str | Path]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - ours
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed: {done.stderr.strip()}")
