"""The proxy for projects."""

from __future__ import annotations

from ..._drive import blocking
from ..calls import project as calls
from . import BaseProxy

__all__ = ["ProjectProxy"]


class ProjectProxy(BaseProxy):
    """Calls on projects."""

    get = blocking(calls.get)
    get_list = blocking(calls.get_list)
    add = blocking(calls.add)
    delete = blocking(calls.delete)
