"""The proxy for builds."""

from __future__ import annotations

from ..._drive import blocking
from ..calls import build as calls
from . import BaseProxy

__all__ = ["BuildProxy"]


class BuildProxy(BaseProxy):
    """Calls on builds."""

    get = blocking(calls.get)
    get_list = blocking(calls.get_list)
    create_from_file = blocking(calls.create_from_file)
