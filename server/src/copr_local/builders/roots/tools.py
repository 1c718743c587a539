"""What installs packages into a root: dnf and rpm of this machine, or those of a bootstrap root.

A bootstrap root has the dnf and the rpm of the distribution itself. It is needed for a distribution with a
newer rpm than that of this machine: for example, only rpm 4.19 and later make the users that packages of
Fedora have.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..sandbox.machine import PATH, machine_files, programs
from ..sandbox.network import RESOLVER
from ..tasks import BuildFailed
from .namespace import PLACE

BOOTSTRAP = ("/usr/bin/dnf-3", "/usr/bin/rpm", "bash", "coreutils", "findutils", "grep")
"""What a bootstrap root has by default. dnf 5 is not enough: the plugin is for dnf 4.

rpm makes the users of packages by a script (`sysusers.sh`) that runs xargs and grep. It also needs `useradd`,
which not every distribution has in a package of the same name.
"""

_NAME = "bootstrap"
_RPM = re.compile(r"rpm-(?:\d+:)?(\d+)\.(\d+)[^-]*-[^-]+")


@dataclass(frozen=True)
class Tools:
    """The programs that install packages.

    :param tree: the bootstrap root; None for the programs of this machine.
    """

    tree: Path | None = None

    def folders(self) -> dict[str, Path]:
        """Return the folders that a namespace has to show.

        :returns: paths by their names.
        """
        return {} if self.tree is None else {_NAME: self.tree}

    def for_rpm(self) -> list[str]:
        """Return the options that show rpm what it needs.

        :returns: options of bwrap.
        """
        if self.tree is not None:
            return self._of_bootstrap(self.tree)
        # Of the settings of this machine, only what its programs do not start without.
        names = ("/etc/ld.so.cache", "/etc/alternatives")
        return [*programs(), *(option for name in names for option in ("--ro-bind-try", name, name))]

    def for_dnf(self) -> list[str]:
        """Return the options that show dnf what it needs.

        :returns: options of bwrap.
        """
        if self.tree is None:
            return machine_files()
        return [*self._of_bootstrap(self.tree), "--ro-bind-try", os.path.realpath("/etc/hosts"), "/etc/hosts"]

    @property
    def resolver(self) -> str:
        """Where dnf looks for the addresses of name servers."""
        return RESOLVER if self.tree is None else "/etc/resolv.conf"

    def dnf(self) -> str:
        """Return the program dnf, version 4.

        :returns: its path.
        :raises BuildFailed: this machine does not have it; the text says what to install.
        """
        found = BOOTSTRAP[0] if self.tree is not None else find_dnf()
        if found is None:
            raise BuildFailed(f"no root can be installed here: {HOW_TO_GET_DNF}")
        return found

    def _of_bootstrap(self, tree: Path) -> list[str]:
        """Return the options that show the programs and settings of a bootstrap root."""
        shown = f"{PLACE}/{_NAME}"
        options = ["--ro-bind", f"{shown}/usr", "/usr", "--ro-bind", f"{shown}/etc", "/etc"]
        for name in ("bin", "sbin", "lib", "lib64"):
            if (tree / name).is_symlink():
                options += ["--symlink", os.readlink(tree / name), f"/{name}"]
            else:
                options += ["--ro-bind-try", f"{shown}/{name}", f"/{name}"]
        return options


HOW_TO_GET_DNF = "apt-get install dnf / dnf install python3-dnf"


def find_dnf() -> str | None:
    """Find dnf 4 on this machine.

    :returns: its path; None if only dnf 5 is installed, or none.
    """
    program = shutil.which("dnf-3", path=PATH) or shutil.which("dnf", path=PATH)
    return None if program is None or os.path.basename(os.path.realpath(program)) == "dnf5" else program


def has_newer_rpm(packages: Sequence[str], version: str) -> bool:
    """Return True if the rpm of a distribution is newer than another one.

    :param packages: the packages of a root, as NAME-VERSION-RELEASE.ARCHITECTURE.
    :param version: what `rpm --version` of the other one prints.
    :returns: True if the first two numbers of its version are greater; False if they are not known.
    """
    found = next(filter(None, map(_RPM.fullmatch, packages)), None)
    own = re.search(r"(\d+)\.(\d+)", version)
    if found is None or own is None:
        return False
    return tuple(map(int, found.groups())) > tuple(map(int, own.groups()))
