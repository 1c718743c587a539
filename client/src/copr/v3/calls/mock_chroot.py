"""Calls on mock chroots: the distributions and architectures that the service builds for."""

from __future__ import annotations

from collections.abc import Mapping

from ..._calls import record
from ..._errors import CoprValidationException
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call, Plan

if TYPE_CHECKING:
    from ...results import MockChroots


def get_list(pagination: Mapping[str, Any] | None = None) -> Call[MockChroots]:
    """Return the chroots that the service builds for.

    :param pagination: ignored. The service always returns all chroots.
    :returns: a record that maps the name of each active chroot, such as "fedora-45-x86_64", to a comment,
        which is often empty.
    :raises CoprRequestException: the service reports an error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /mock-chroots/list``
    """
    return Call("GET", "/mock-chroots/list", decode=record)


def matching(*patterns: str) -> Plan[list[str]]:
    """Return the names of the service's chroots that match at least one pattern.

    :param patterns: names or patterns, such as ``fedora-*-x86_64``. ``*``, ``?`` and ``[...]`` work as in a
        shell.
    :returns: the names in the service's order, each once.
    :raises CoprValidationException: a pattern matches no chroot.
    :raises CoprRequestException: the service reports an error.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /mock-chroots/list``
    """
    from fnmatch import fnmatchcase

    names = list((yield from get_list()))
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise CoprValidationException(
                f"No chroot matches {pattern!r}. The service offers: {', '.join(names)}."
            )
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]
