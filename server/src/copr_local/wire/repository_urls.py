"""Addresses of repositories that projects name: what they stand for in a chroot, and what dnf calls them.

- `copr://OWNER/PROJECT` is a project of this service.
- `$chroot` stands for the chroot, `$distname` for its distribution. Other variables are dnf's.
- `?priority=N` is for dnf, and no part of the address.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from .urls import results_url

COPR = "copr://"


def identity(address: str) -> str:
    """What dnf is to call a repository that is not ours."""
    return re.sub(r"[^A-Za-z0-9]+", "_", address).strip("_")


def expanded(address: str, chroot: str) -> str:
    """The address of a repository's part for a chroot."""
    if address.startswith(COPR):
        return results_url(address.removeprefix(COPR), chroot, "")
    if priority(address) is not None:
        parts = urlsplit(address)
        query = [(name, value) for name, value in parse_qsl(parts.query) if name != "priority"]
        address = parts._replace(query=urlencode(query)).geturl()
    return address.replace("$chroot", chroot).replace("$distname", chroot.rsplit("-", 2)[0])


def priority(address: str) -> int | None:
    """The priority that an address has for dnf, if it says one."""
    try:
        found = dict(parse_qsl(urlsplit(address).query)).get("priority", "")
    except ValueError:
        return None
    return int(found) if found.isdecimal() and found.isascii() else None
