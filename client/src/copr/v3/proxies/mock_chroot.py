"""The proxy for mock chroots: the distributions and architectures that the service builds for."""

from __future__ import annotations

from ..._drive import blocking
from ..._late import released_names
from ..calls import mock_chroot as calls
from . import BaseProxy

__all__ = ["MockChrootProxy"]


class MockChrootProxy(BaseProxy):
    """Calls on mock chroots: the distributions and architectures that the service builds for."""

    get_list = blocking(calls.get_list)
    matching = blocking(calls.matching)


__getattr__ = released_names(__name__)
