"""What messages about builds decide for `wait`: which builds are polled, and when.

- A message says that a build may have finished. Then this build is polled, and no other.
- As long as messages come, all builds are polled rarely. A message that was lost costs time, never more.
- If messages may have been lost, or a build has finished without one, builds are polled as without messages.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from .._typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..events import Events

#: How much rarer all builds are polled while messages come.
RARER = 10

#: Seconds that further messages are waited for, so that builds that finish together are polled together.
GATHERING = 0.1

SOURCE, SUCCEEDED = "srpm-builds", 1


class Listener:
    """The messages about some builds. It listens until it is closed."""

    def __init__(self, events: Events, ids: Iterable[int]) -> None:
        self._ids = frozenset(ids)
        self._lock = threading.Lock()
        self._running: dict[int, set[Any]] = {}
        self._due: set[int] = set()
        self._announced: set[int] = set()
        self._is_everything_due = False
        self._has_news = threading.Event()
        self._wake: Callable[[], object] = lambda: None
        self.is_trusted = False
        self.close = events.subscribe(self._got)

    def finished(self, build_id: int) -> None:
        """Take note that polling has found a finished build, which may have had no message."""
        with self._lock:
            if build_id not in self._announced:
                self.is_trusted = False

    def wait(self, seconds: float) -> set[int] | None:
        """Wait for messages, for some seconds at most; return the ids of the builds to poll, or None: all."""
        if self._has_news.wait(seconds):
            time.sleep(GATHERING)
        return self._take()

    async def awaited(self, seconds: float) -> set[int] | None:
        """Do the same in an event loop."""
        import asyncio

        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(news.set)

        with self._lock:
            self._wake = wake
        if self._has_news.is_set():
            news.set()
        try:
            await asyncio.wait_for(news.wait(), seconds)
            await asyncio.sleep(GATHERING)
        except TimeoutError:
            pass
        finally:
            with self._lock:
                self._wake = lambda: None
        return self._take()

    def _take(self) -> set[int] | None:
        with self._lock:
            due, self._due = self._due, set()
            everything, self._is_everything_due = self._is_everything_due, False
            self._has_news.clear()
        return None if everything or not due else due

    def _got(self, message: Any) -> None:
        """Take note of a message, or of None: messages may have been lost."""
        with self._lock:
            if message is None:
                self.is_trusted, self._is_everything_due, is_news = False, True, True
            else:
                is_news = self._read(message)
            if is_news:
                self._has_news.set()
                self._wake()

    def _read(self, message: Any) -> bool:
        """Return True if a message says that one of the builds may have finished."""
        topic, body = getattr(message, "topic", ""), getattr(message, "body", None)
        if not isinstance(body, Mapping) or not isinstance(build_id := body.get("build"), int):
            return False
        if build_id not in self._ids:
            return False
        self.is_trusted = True
        running = self._running.setdefault(build_id, set())
        chroot = body.get("chroot")
        if topic.endswith("copr.build.start"):
            running.add(chroot)
        if not topic.endswith("copr.build.end"):
            return False
        running.discard(chroot)
        if running or (chroot == SOURCE and body.get("status") == SUCCEEDED):
            return False  # other chroots run, or are still to come
        self._due.add(build_id)
        self._announced.add(build_id)
        return True
