"""The programs that some builds need: where they are on this machine, and what to install where they are not.

A program counts if the sandbox can start it: it is the distribution's, or in `/usr/local`, or it came into
the Python environment of this service (`pip install tito`), which is then shown to it.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from .sandbox.sandbox import PATH
from .tasks import BuildFailed

HOW_TO_GET = {
    "gem2rpm": "dnf install rubygem-gem2rpm / gem install gem2rpm",
    "git": "apt-get install git / dnf install git",
    "gpg": "apt-get install gnupg / dnf install gnupg2",
    "make": "apt-get install make / dnf install make",
    "packit": "dnf install packit / pip install packitos",
    "pyp2spec": "pip install 'copr-local[pypi]'",
    "rpkg": "dnf install rpkg-util",
    "rpmbuild": "apt-get install rpm / dnf install rpm-build",
    "rpmsign": "apt-get install rpm / dnf install rpm-sign",
    "tito": "dnf install tito / apt-get install python3-rpm; pip install tito rpm",
}


@dataclass(frozen=True)
class Tool:
    """A program: how to start it, and what the sandbox must let it see for that."""

    path: str
    sees: tuple[Path, ...] = ()


def find(name: str) -> Tool | None:
    """The program of this name, or None."""
    path = shutil.which(name, path=PATH)
    if path is not None:
        return Tool(path)
    path = shutil.which(name, path=str(Path(sys.executable).parent))
    if path is not None:
        return Tool(path, tuple(dict.fromkeys((Path(sys.prefix), Path(sys.base_prefix)))))
    return None


def require(name: str) -> Tool:
    """The program of this name.

    Raises `BuildFailed`: it is not installed; the text says how to get it.
    """
    tool = find(name)
    if tool is None:
        raise BuildFailed(f"{name} is not installed: {HOW_TO_GET[name]}")
    return tool
