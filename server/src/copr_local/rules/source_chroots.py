"""The chroot that a source RPM is made in: one that has repositories, so that a root can be installed."""

from __future__ import annotations

import re

from ..data.database import Transaction
from . import chroots

NEWEST, NONE = "newest", "none"

_FEDORA = re.compile(r"fedora-(\d+|rawhide)-(\w+)")


def choose(tx: Transaction, setting: str, named: str, architecture: str) -> str | None:
    """Return the chroot to make a source RPM in.

    :param tx: transaction to read from.
    :param setting: name of a chroot, `newest` or `none`: what the administrator has chosen.
    :param named: chroot that the build names; empty if it names none.
    :param architecture: architecture of this machine.
    :returns: name of the chroot; None to use the programs of this machine. A chroot that the administrator
        has named is returned even if it has no repositories, so that the build fails and says so.
    """
    if setting == NONE:
        return None
    with_repositories: list[str] = []
    if any(tx.data_folder.chroots.glob("*.conf")):  # most services have none, and need no query
        names = chroots.active_names(tx)
        with_repositories = [name for name in names if tx.data_folder.chroot_configuration(name).exists()]
    if named in with_repositories:
        return named
    if setting != NEWEST:
        return setting
    fedoras = [
        found
        for found in map(_FEDORA.fullmatch, with_repositories)
        if found is not None and found[2] == architecture
    ]
    newest = max(fedoras, key=lambda found: _age(found[1]), default=None)
    return None if newest is None else newest[0]


def _age(version: str) -> int:
    """Return a number by which versions of Fedora are ordered; rawhide is used if there is no release."""
    return int(version) if version.isdecimal() else 0
