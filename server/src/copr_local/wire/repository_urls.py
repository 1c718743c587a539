"""URLs of additional repositories: their form for one chroot, and the ids of the repositories in dnf.

- `copr://OWNER/PROJECT` is a project of this service.
- `$chroot` is replaced by the chroot, `$distname` by its distribution. dnf replaces other variables.
- `?priority=N` is an option for dnf, and not part of the URL.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from .urls import results_url

COPR = "copr://"


def identity(address: str) -> str:
    """Return the id that dnf uses for an external repository.

    :param address: URL of the repository.
    :returns: the URL with underscores in place of special characters.
    """
    return re.sub(r"[^A-Za-z0-9]+", "_", address).strip("_")


def expanded(address: str, chroot: str) -> str:
    """Return the URL of a repository for one chroot.

    :param address: URL of the repository, as the project has it.
    :param chroot: name of the chroot.
    :returns: the URL; `copr://`, `$chroot` and `$distname` are replaced, and the priority is removed.
    """
    if address.startswith(COPR):
        return results_url(address.removeprefix(COPR), chroot, "")
    if priority(address) is not None:
        parts = urlsplit(address)
        query = [(name, value) for name, value in parse_qsl(parts.query) if name != "priority"]
        address = parts._replace(query=urlencode(query)).geturl()
    return address.replace("$chroot", chroot).replace("$distname", chroot.rsplit("-", 2)[0])


def priority(address: str) -> int | None:
    """Return the dnf priority in a repository URL.

    :param address: URL of the repository.
    :returns: the priority; None if the URL has no valid one.
    """
    try:
        found = dict(parse_qsl(urlsplit(address).query)).get("priority", "")
    except ValueError:
        return None
    return int(found) if found.isdecimal() and found.isascii() else None
