"""What programs in a sandbox see of this machine, as options of bwrap."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

PATH = "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin"


def seen(path: Path) -> list[str]:
    """Return the options that show a path of this machine; bwrap alone would make its parents unreadable.

    :param path: a file or folder.
    :returns: options of bwrap.
    """
    parents = [
        option for each in reversed(path.parents) for option in ("--perms", "0755", "--dir", str(each))
    ]
    return [*parents, "--ro-bind", str(path), str(path)]


def machine_files() -> list[str]:
    """Return the options for the parts of this machine that a build can read.

    :returns: options of bwrap; their order matters.
    """
    options = ["--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(name):
            options += ["--symlink", os.readlink(name), name]
        else:
            options += ["--ro-bind-try", name, name]
    options += ["--ro-bind-try", "/var/lib/rpm", "/var/lib/rpm"]
    options += _shell()
    resolver = os.path.realpath("/etc/resolv.conf")
    if not resolver.startswith("/etc/"):
        options += ["--ro-bind-try", resolver, resolver]
    return options


def _shell() -> list[str]:
    """Return the options that make bash the `sh` of a build instead of Debian's dash: specs need bash."""
    bash, shell = shutil.which("bash", path=PATH), os.path.realpath("/bin/sh")
    if bash is None or os.path.basename(shell) != "dash":
        return []
    return ["--ro-bind", os.path.realpath(bash), shell]
