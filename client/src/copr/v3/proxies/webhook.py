"""The proxy for a project's webhook secret."""

from __future__ import annotations

from ..._drive import blocking
from ..._late import released_names
from ..calls import webhook as calls
from . import BaseProxy

__all__ = ["WebhookProxy"]


class WebhookProxy(BaseProxy):
    """The call that renews a project's webhook secret."""

    generate = blocking(calls.generate)


__getattr__ = released_names(__name__)
