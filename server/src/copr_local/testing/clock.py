"""The time of a service: the machine's, until a test sets another. It goes on from there.

Everything that the service says of time follows it: timestamps, the end of tokens, projects that are to be
deleted, the Date of answers, and how long scripted builds take.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class Clock:
    """A clock that can be set; `clock()` is its time, in seconds of unix time, UTC."""

    def __init__(self) -> None:
        self.offset = 0.0
        self.changed: Callable[[], None] = lambda: None

    def __call__(self) -> float:
        return time.time() + self.offset

    def set(self, when: datetime | float) -> None:
        """Set the time.

        :param when: a datetime with a time zone, or unix time in seconds, UTC.
        :raises ValueError: the datetime has no time zone.
        """
        if isinstance(when, datetime):
            if when.tzinfo is None:
                raise ValueError(f"{when} has no time zone: write datetime(..., tzinfo=UTC)")
            when = when.timestamp()
        self._move(when - time.time())

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move the time on; back, where the sum is negative."""
        step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._move(self.offset + step.total_seconds())

    def reset(self) -> None:
        """Go back to the machine's time."""
        self._move(0.0)

    def _move(self, offset: float) -> None:
        self.offset = offset
        self.changed()
