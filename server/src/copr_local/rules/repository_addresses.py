"""Addresses of additional repositories: their form for one chroot, and their ids in dnf.

- `copr://OWNER/PROJECT` is a project of this service, `copr://OWNER/PROJECT:SUFFIX` one of its directories.
- `$chroot` is replaced by the chroot, and `$distname` by its distribution.
- `$releasever`, `$basearch` and other variables stay: dnf replaces them.
- `?priority=N` is an option for dnf, and not part of the URL.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_plus

COPR = "copr://"

_PRIORITY = re.compile(r"[0-9]{1,9}", re.ASCII)


def identity(address: str) -> str:
    """Return the id that dnf uses for an additional repository.

    :param address: URL of the repository.
    :returns: the URL with underscores in place of special characters.
    """
    return re.sub(r"[^A-Za-z0-9]+", "_", address).strip("_")


def expanded(address: str, chroot: str) -> str:
    """Return the URL of an external repository for one chroot.

    :param address: URL of the repository, as the project has it; not `copr://`.
    :param chroot: name of the chroot.
    :returns: the URL without its priority; `$chroot` and `$distname` are replaced. The rest is not changed.
    """
    address = without_priority(address)
    return address.replace("$chroot", chroot).replace("$distname", chroot.rsplit("-", 2)[0])


def without_priority(address: str) -> str:
    """Return the URL of a repository without its option for dnf.

    :param address: URL of the repository, as the project has it.
    :returns: the URL without `priority` in its query.
    """
    path, query, fragment = _parts(address)
    kept = [each for each in query if _name(each) != "priority"]
    return path + (f"?{'&'.join(kept)}" if kept else "") + fragment


def priority(address: str) -> int | None:
    """Return the dnf priority in a repository URL.

    :param address: URL of the repository.
    :returns: the priority; None if the URL has no valid one.
    """
    given = [each.partition("=")[2] for each in _parts(address)[1] if _name(each) == "priority"]
    return int(given[0]) if given and _PRIORITY.fullmatch(given[0]) else None


def project_of(address: str) -> tuple[str, str] | None:
    """Return the owner and the directory that a `copr://` address names.

    :param address: address of a repository.
    :returns: the owner and the name of a project or of one of its directories, which need not exist, without
        any path after them; None if it is not a `copr://` address with both.
    """
    if not address.startswith(COPR):
        return None
    ownername, _, path = _parts(address.removeprefix(COPR))[0].partition("/")
    dirname = path.partition("/")[0]
    return (ownername, dirname) if ownername and dirname else None


def _parts(address: str) -> tuple[str, list[str], str]:
    """Return the URL up to its query, the parameters of the query, and the fragment with its `#`."""
    before, mark, fragment = address.partition("#")
    path, _, query = before.partition("?")
    return path, query.split("&") if query else [], mark + fragment


def _name(parameter: str) -> str:
    """Return the decoded name of a parameter of a query."""
    return unquote_plus(parameter.partition("=")[0])
