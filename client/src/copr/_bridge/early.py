"""What API v3 did not tell in its first years, made of what it told.

Rules: nothing is asked for; what a service does tell counts.
"""

from __future__ import annotations

from .._typing import Any
from ..v3.calls._states import FINAL_STATES


def uses_bootstrap(project: Any) -> bool:
    """Whether a project's builds are bootstrapped in a container; first it was a switch of that name."""
    how = getattr(project, "bootstrap", None)
    return bool(getattr(project, "use_bootstrap_container", False)) if how is None else how == "on"


def state(chroot: Any, build: Any) -> str:
    """The state of a chroot of a build; where it is not told it is the build's, or it runs once it began."""
    told: str | None = getattr(chroot, "state", None)
    if told is not None:
        return told
    return str(build.state) if build.state in FINAL_STATES or chroot.started_on is None else "running"
