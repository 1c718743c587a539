"""The proxy for the newest builds of all packages of a project."""

from __future__ import annotations

from ..._drive import blocking
from ..._late import released_names
from ..calls import monitor as calls
from . import BaseProxy

__all__ = ["MonitorProxy"]


class MonitorProxy(BaseProxy):
    """The call that returns the newest builds of all packages of a project."""

    monitor = blocking(calls.monitor)


__getattr__ = released_names(__name__)
