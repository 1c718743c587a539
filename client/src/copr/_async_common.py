"""What both async transports share: the event loop that they belong to, and whom they trust."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from ._errors import CoprException
from ._plain import authorities_file


def running_loop(before: asyncio.AbstractEventLoop | None) -> asyncio.AbstractEventLoop:
    """Return the running event loop.

    Raise CoprException if connections were made in another loop (`before`), which has not ended.
    """
    loop = asyncio.get_running_loop()
    if before is not None and before is not loop and not before.is_closed():
        raise CoprException(
            "This client is in use in another event loop. Close it there, or make a client for each."
        )
    return loop


def trust() -> Any:
    """Return a TLS context that trusts the authorities of the environment; default: those of certifi.

    Raise OSError if there are none.
    """
    import ssl

    authorities = authorities_file()
    if authorities is None:
        import certifi

        authorities = certifi.where()
    if os.path.isdir(authorities):
        return ssl.create_default_context(capath=authorities)
    return ssl.create_default_context(cafile=authorities)
