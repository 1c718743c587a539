"""What waiting decides, without waiting: shared by the blocking and the async `wait`."""

from __future__ import annotations

from typing import Any

from .._errors import CoprException

#: The states in which a build stays, and those that it leaves again.
FINAL_STATES = frozenset({"canceled", "failed", "forked", "skipped", "succeeded"})
PASSING_STATES = frozenset({"importing", "pending", "running", "starting", "waiting"})


def is_over(build: Any) -> bool:
    """Whether a build has ended.

    Raises CoprException for a state that this client does not know: waiting for its end might last for ever.
    """
    if build.state in FINAL_STATES:
        return True
    if build.state in PASSING_STATES:
        return False
    raise CoprException(f"Build {build.id} is in a state that this client does not know: {build.state!r}.")
