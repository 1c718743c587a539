"""The size of the blocks in which a file is sent or received.

Rules: shared by uploads and downloads. On a slow connection, blocks are small, because each has the same
timeout, and a block that is lost on its way is lost whole. On a quick one, large blocks cost less.
"""

from __future__ import annotations

import time

SMALLEST, LARGEST = 32 * 1024, 1024 * 1024

#: Seconds: a block that took less is followed by one twice as large, one that took more by one half as large.
QUICK, SLOW = 0.25, 1.0


class BlockSize:
    """The size of the next block in bytes, from `SMALLEST` to `LARGEST`."""

    def __init__(self) -> None:
        self._size = SMALLEST
        self._began: float | None = None

    def next(self) -> int:
        """Return the size of the next block, which begins now; the one before has just ended."""
        now = time.monotonic()
        if self._began is not None:
            took = now - self._began
            if took < QUICK:
                self._size = min(self._size * 2, LARGEST)
            elif took > SLOW:
                self._size = max(self._size // 2, SMALLEST)
        self._began = now
        return self._size
