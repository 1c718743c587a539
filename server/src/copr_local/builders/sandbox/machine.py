"""What programs in a sandbox see of this machine, as options of bwrap."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

HOST_NAME = "copr-local"
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


def programs() -> list[str]:
    """Return the options for the programs and libraries of this machine, without its settings.

    :returns: options of bwrap.
    """
    options = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(name):
            options += ["--symlink", os.readlink(name), name]
        else:
            options += ["--ro-bind-try", name, name]
    return options


def machine_files() -> list[str]:
    """Return the options for the parts of this machine that a build can read.

    :returns: options of bwrap; their order matters.
    """
    options = [*programs(), "--ro-bind", "/etc", "/etc"]
    options += _shell()
    # bwrap makes the parents of what it binds with the mode 0700: they must exist before.
    for folder in ("/run", "/var", "/var/lib", "/var/cache", "/var/tmp"):  # noqa: S108 - names, not used here
        options += ["--perms", "0755", "--dir", folder]
    options += ["--symlink", "../run", "/var/run"]
    for path in (Path("/var/lib/rpm"), Path(os.path.realpath("/etc/resolv.conf"))):
        if path.exists() and not path.is_relative_to("/etc"):
            options += seen(path)
    return options


def hosts(machine: Path | None) -> str:
    """Return the content of the `/etc/hosts` of a sandbox.

    :param machine: hosts file of this machine, for programs with its network; None without it.
    :returns: lines for the sandbox's own name, then those of this machine.
    """
    own = f"127.0.0.1 localhost localhost.localdomain {HOST_NAME}\n::1 localhost localhost.localdomain\n"
    try:
        return own + ("" if machine is None else machine.read_text(errors="replace"))
    except OSError:
        return own


def _shell() -> list[str]:
    """Return the options that make bash the `sh` of a build instead of Debian's dash: specs need bash."""
    bash, shell = shutil.which("bash", path=PATH), os.path.realpath("/bin/sh")
    if bash is None or os.path.basename(shell) != "dash":
        return []
    return ["--ro-bind", os.path.realpath(bash), shell]
