"""Waiting for builds that an async proxy returned."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..._drive import arun
from ..._errors import CoprException
from ..._list import List
from ..._typing import evaluable
from .._waiting import waiting
from .proxies import AsyncBaseProxy

if TYPE_CHECKING:
    from ...events import Events
    from ...results import Build

__all__ = ["wait"]


async def wait(
    waitable: Build | list[Build] | tuple[Build, ...],
    interval: float = 30,
    callback: Callable[[list[Build]], object] | None = None,
    timeout: float = 0,
    events: Events | None = None,
) -> list[Build]:
    """Wait until builds have finished: `copr.v3.wait` for the async client.

    :param waitable: a build or a list of builds, as an async proxy returned them.
    :param interval: seconds between two polls.
    :param callback: called after each poll with the list of builds, as they are then. It is not awaited.
    :param timeout: seconds to wait. Then the builds are polled once more, for at most ten seconds. 0: wait
        without limit.
    :param events: where messages about builds come from, such as a `copr.events.Broker`. With messages,
        builds are polled when they may have finished, and otherwise rarely.
    :returns: the finished builds, in the order given.
    :raises CoprTimeoutException: a build has not finished after `timeout`.
    :raises CoprException: something in `waitable` is not a build, or a build is in an unknown state.
    :raises CoprNoResultException: a build does not exist any more.
    :raises CoprRequestException: the service reports another error, or cannot be reached for too long.
    :source: ``GET /build/{build_id}``
    """
    builds = list(waitable) if isinstance(waitable, (list, tuple)) else [waitable]
    for build_record in builds:
        if not isinstance(getattr(build_record, "__proxy__", None), AsyncBaseProxy):
            raise CoprException(
                f"Cannot wait for {build_record!r}: it is not a build that an async proxy returned. Await the"
                " call that returns it. Use wait of copr.v3 for builds of a client that blocks."
            )
    if not builds:
        return builds
    return List(await arun(builds[0].__proxy__, waiting(builds, interval, callback, timeout, events)))


evaluable(__name__)
