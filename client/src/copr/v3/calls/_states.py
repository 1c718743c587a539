"""The states of builds, and of their chroots."""

from __future__ import annotations

#: The states of a finished build, and those of a build that has not finished.
FINAL_STATES = frozenset({"canceled", "failed", "forked", "skipped", "succeeded"})
PASSING_STATES = frozenset({"importing", "pending", "running", "starting", "waiting"})
