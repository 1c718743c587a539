"""The proxy for modules, on services of the time when there were modules."""

from __future__ import annotations

from ..._drive import blocking
from ..calls import module as calls
from . import BaseProxy

__all__ = ["ModuleProxy"]


class ModuleProxy(BaseProxy):
    """Calls on modules, on services of the time when there were modules."""

    build_from_url = blocking(calls.build_from_url)
    build_from_file = blocking(calls.build_from_file)
