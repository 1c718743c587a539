"""The proxy for mock chroots: what the service can build for."""

from __future__ import annotations

from ..._drive import blocking
from ..calls import mock_chroot as calls
from . import BaseProxy

__all__ = ["MockChrootProxy"]


class MockChrootProxy(BaseProxy):
    """Calls on mock chroots: what the service can build for."""

    get_list = blocking(calls.get_list)
    matching = blocking(calls.matching)
