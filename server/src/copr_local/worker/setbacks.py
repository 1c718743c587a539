"""Setbacks: runs of steps that ended without an outcome, although nobody cancelled them.

The database may have failed, or an error in a rule may not let the outcome be recorded. The step is tried
again after a pause, which doubles each time. If that does not help, the step fails.
"""

from __future__ import annotations

import threading

from ..rules.queue import Step

MOST = 5  # runs of a step without an outcome
FIRST_PAUSE = 0.5  # seconds


class Setbacks:
    """The setbacks of one service's steps, since its start."""

    def __init__(self) -> None:
        self._counts: dict[tuple[int, str | None], int] = {}
        self._lock = threading.Lock()

    def add(self, step: Step) -> float | None:
        """Count a setback.

        :param step: the step.
        :returns: seconds until it should be tried again; None if it was tried often enough.
        """
        key = step.build_id, step.chroot
        with self._lock:
            count = self._counts[key] = self._counts.get(key, 0) + 1
        pause: float = FIRST_PAUSE * 2 ** (count - 1)
        return None if count >= MOST else pause

    def forget(self, step: Step) -> None:
        """Forget the setbacks of a step that has finished.

        :param step: the step.
        """
        with self._lock:
            self._counts.pop((step.build_id, step.chroot), None)
