"""The time of a service: the machine's time, or another that a test sets. A set time keeps running.

The service uses it for everything: timestamps, expiry of tokens, deletion of temporary projects, the `Date`
header of responses, and the duration of scripted builds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class Clock:
    """A clock that can be set; `clock()` returns its time as unix time in seconds, UTC."""

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
        """Move the time forward; a negative sum moves it back.

        :param days: days of 24 hours.
        :param hours: hours to add to the days.
        :param minutes: minutes to add.
        :param seconds: seconds to add.
        """
        step = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        self._move(self.offset + step.total_seconds())

    def reset(self) -> None:
        """Set the clock back to the time of the machine."""
        self._move(0.0)

    def _move(self, offset: float) -> None:
        self.offset = offset
        self.changed()
