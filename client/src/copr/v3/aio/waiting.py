"""Waiting for builds that an async proxy returned."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..._drive import arun
from ..._errors import CoprException
from ..._list import List
from .._waiting import waiting
from .proxies import AsyncBaseProxy

if TYPE_CHECKING:
    from ...results import Build

__all__ = ["wait"]


async def wait(
    waitable: Build | list[Build] | tuple[Build, ...],
    interval: float = 30,
    callback: Callable[[list[Build]], object] | None = None,
    timeout: float = 0,
) -> list[Build]:
    """Wait until builds have ended: `copr.v3.wait` for builds that an async proxy returned."""
    builds = list(waitable) if isinstance(waitable, (list, tuple)) else [waitable]
    for build_record in builds:
        if not isinstance(getattr(build_record, "__proxy__", None), AsyncBaseProxy):
            raise CoprException(
                f"Cannot wait for {build_record!r}: it is no build that an async proxy returned."
            )
    if not builds:
        return builds
    return List(await arun(builds[0].__proxy__, waiting(builds, interval, callback, timeout)))
