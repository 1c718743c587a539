"""Threads for requests, in lanes by what the requests cost: those that read one record never wait for others.

Each lane has threads and a queue of its own. Its threads start with its first request.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from waitress.task import ThreadedTaskDispatcher

Lane = Literal["one", "some", "many", "fault"]
LaneOf = Callable[[str, str], Lane]  # takes the method and the path of a request

THREADS: dict[Lane, int] = {"one": 4, "some": 4, "many": 2, "fault": 8}


class Lanes:
    """The dispatcher of waitress, with a lane for each kind of request.

    :param lane_of: returns the lane of a request by its method and path. A request that meets an injected
        fault, which may hold a thread for any time, has a lane of its own.
    """

    def __init__(self, lane_of: LaneOf) -> None:
        self._lane_of = lane_of
        self._lanes: dict[Lane, Any] = {lane: ThreadedTaskDispatcher() for lane in THREADS}

    def add_task(self, channel: Any) -> None:
        """Queue the request of a connection.

        :param channel: the connection, with the request.
        """
        (request, *_) = channel.requests
        request.queued_at = time.monotonic()
        lane = self._choose(request)
        dispatcher = self._lanes[lane]
        if not dispatcher.threads:
            dispatcher.set_thread_count(THREADS[lane])
        dispatcher.add_task(channel)

    def _choose(self, request: Any) -> Lane:
        """Return the lane of a request."""
        if request.error:
            return "one"
        return "fault" if request.fault is not None else self._lane_of(request.command, request.path)

    def shutdown(self, timeout: float) -> None:
        """Stop all threads, and drop the requests that wait.

        :param timeout: how long to wait for the requests in work, in seconds.
        """
        end = time.monotonic() + timeout
        for dispatcher in self._lanes.values():
            dispatcher.set_thread_count(0)
        for dispatcher in self._lanes.values():
            dispatcher.shutdown(timeout=max(0.0, end - time.monotonic()))
