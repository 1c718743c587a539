"""The proxy for modules, on services that still build modules (those of 2020)."""

from __future__ import annotations

from ..._drive import blocking
from ..calls import module as calls
from . import BaseProxy

__all__ = ["ModuleProxy"]


class ModuleProxy(BaseProxy):
    """Calls that submit modules, on services that still build modules (those of 2020)."""

    build_from_url = blocking(calls.build_from_url)
    build_from_file = blocking(calls.build_from_file)
