"""The programs that some builds need: finds them on this machine, and says how to install missing ones.

A program is found if the sandbox can start it: it is in the system's folders or `/usr/local/bin`, or in the
Python environment of this service (`pip install tito`), which the sandbox then shows to it.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from .sandbox.machine import PATH
from .tasks import BuildFailed

HOW_TO_GET = {
    "appstreamcli-compose": "apt-get install appstream-compose / dnf install appstream-compose",
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
    """A program that builds can start.

    :param path: path of the program.
    :param sees: folders of this machine that the sandbox must show to it, read-only.
    """

    path: str
    sees: tuple[Path, ...] = ()


def find(name: str) -> Tool | None:
    """Find a program on this machine.

    :param name: file name of the program.
    :returns: the program, or None if it is not installed.
    """
    path = shutil.which(name, path=PATH)
    if path is not None:
        return Tool(path)
    path = shutil.which(name, path=str(Path(sys.executable).parent))
    if path is not None:
        return Tool(path, tuple(dict.fromkeys((Path(sys.prefix), Path(sys.base_prefix)))))
    return None


def find_helper(name: str) -> Path | None:
    """Find a program that another program of this machine calls.

    :param name: file name of the program.
    :returns: its path in `/usr/libexec`; None if it is not installed.
    """
    path = Path("/usr/libexec") / name
    return path if path.exists() else None


def require(name: str) -> Tool:
    """Find a program on this machine, or fail the build.

    :param name: file name of the program, one of `HOW_TO_GET`.
    :returns: the program.
    :raises BuildFailed: it is not installed; the text says how to install it.
    """
    tool = find(name)
    if tool is None:
        raise BuildFailed(f"{name} is not installed: {HOW_TO_GET[name]}")
    return tool
