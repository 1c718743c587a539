"""Calls on mock chroots: what the service can build for."""

from __future__ import annotations

from collections.abc import Mapping

from ..._calls import record
from ..._errors import CoprValidationException
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call, Plan

if TYPE_CHECKING:
    from ...results import MockChroots


def get_list(pagination: Mapping[str, Any] | None = None) -> Call[MockChroots]:
    """Ask which chroots the service builds for.

    `pagination`: not sent, for the service answers all at once.

    Returns a record that maps each active chroot's name to a comment (often empty).

    Raises CoprConnectionException or CoprTimeoutException where there is no answer, CoprRequestException
    where the service refuses. Source: GET /mock-chroots/list
    """
    return Call("GET", "/mock-chroots/list", decode=record)


def matching(*patterns: str) -> Plan[list[str]]:
    """The names of the chroots that the service builds for and that match patterns.

    `patterns`: such as "fedora-*-x86_64", with `*`, `?` and `[...]` as in file names.

    Returns the names, each once, in the service's order.

    Raises CoprValidationException where a pattern matches no chroot, and what `get_list` raises. Source: GET
    /mock-chroots/list
    """
    from fnmatch import fnmatchcase

    names = list((yield from get_list()))
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise CoprValidationException(f"No chroot matches {pattern!r}. There are: {', '.join(names)}.")
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]
