"""Threads that carry out work in parallel, for flows that block.

Rules: there are at most as many as requested, started when there is work for them. They do not keep the
program from ending: after an interrupt or an error, `end` stops them without waiting for a thread that hangs
in the network. The standard library's pool is not used because the program waits for its threads at exit.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from queue import Empty, SimpleQueue

from ._typing import Any, TypeVar

T = TypeVar("T")

CHECK = 0.5  # seconds


def result(future: Future[T]) -> T:
    """Return the result of a future, or raise its error.

    A signal that comes just before a wait without a time limit does not end it, and neither does one that
    another thread gets. So Ctrl-C is noticed between short waits.
    """
    while not future.done():
        wait((future,), CHECK)
    return future.result()


class Ended(BaseException):
    """Raised in a thread that would start new work after `end`."""


class Threads:
    """At most `count` threads, which do the submitted work in its order."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._work: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._started = 0
        self._has_ended = threading.Event()

    def submit(self, function: Callable[[], T]) -> Future[T]:
        """Have a function called in a thread, and return its future."""
        future: Future[T] = Future()
        self._work.put((future, function))
        if self._started < self._count:
            self._started += 1
            threading.Thread(target=self._run, name=f"copr-{self._started}", daemon=True).start()
        return future

    def end(self) -> None:
        """Start nothing more, and cancel what has not started. This does not wait."""
        self._has_ended.set()
        with suppress(Empty):
            while True:
                if (work := self._work.get_nowait()) is not None:
                    work[0].cancel()
                    work[0].set_running_or_notify_cancel()  # wakes up code that waits for it
        for _ in range(self._started):  # each thread ends at its None
            self._work.put(None)

    def unless_ended(self, function: Callable[[T], Any]) -> Callable[[T], Any]:
        """Return a function for use in these threads, which raises Ended after `end`."""

        def checked(argument: T) -> Any:
            if self._has_ended.is_set():
                raise Ended
            return function(argument)

        return checked

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            future, function = work
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(function())
            except BaseException as error:
                future.set_exception(error)
            del work, future, function  # or this thread would keep the result in memory while it waits
