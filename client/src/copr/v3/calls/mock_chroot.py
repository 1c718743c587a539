"""Calls on mock chroots: what the service can build for."""

from __future__ import annotations

from collections.abc import Mapping

from ..._calls import record
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call

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
