"""Fields that API v3 did not have in 2020, worked out from those that it had.

Rules: sends nothing. A field that the service shows is used as it is.
"""

from __future__ import annotations

from .._typing import Any
from ..v3.calls._states import FINAL_STATES


def uses_bootstrap(project: Any) -> bool:
    """Return True if the project's builds use a bootstrap container."""
    # In 2020 there was only a switch; today `bootstrap` is one of several words.
    how = getattr(project, "bootstrap", None)
    return bool(getattr(project, "use_bootstrap_container", False)) if how is None else how == "on"


def state(chroot: Any, build: Any) -> str:
    """Return the state of a build chroot; if it has none, work it out from the build's state."""
    shown: str | None = getattr(chroot, "state", None)
    if shown is not None:
        return shown
    return str(build.state) if build.state in FINAL_STATES or chroot.started_on is None else "running"
