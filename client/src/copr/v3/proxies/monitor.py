"""The proxy for the newest build of every package."""

from __future__ import annotations

from ..._drive import blocking
from ..calls import monitor as calls
from . import BaseProxy

__all__ = ["MonitorProxy"]


class MonitorProxy(BaseProxy):
    """Calls on the newest build of every package."""

    monitor = blocking(calls.monitor)
