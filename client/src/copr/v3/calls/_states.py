"""The states of builds, and of their chroots."""

from __future__ import annotations

#: The states in which a build stays, and those that it leaves again.
FINAL_STATES = frozenset({"canceled", "failed", "forked", "skipped", "succeeded"})
PASSING_STATES = frozenset({"importing", "pending", "running", "starting", "waiting"})
