"""Exchanges that the light async transport began and aiohttp is to end.

Rules: aiohttp gets something in the place of a connection. What it writes was sent before, so it is dropped.
It is told what arrived before, and then gets the connection itself. So its response or its error is the one
that it would have made from the beginning.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp.client_proto import ResponseHandler

from ._exchange_async import Exchange

#: Seconds of a timeout that has passed already.
_AT_ONCE = 1e-6


class Handover:
    """An exchange, with the headers that identified the user when it began."""

    def __init__(self, identity: Mapping[str, str], exchange: Exchange) -> None:
        self.identity = identity
        self.began = exchange.began
        self._silent = exchange.silent
        self._connection = exchange.connection

    def left_of(self, connect: float, read: float) -> tuple[float, float]:
        """Return what is left of the timeouts for connecting and for silence."""
        passed = asyncio.get_running_loop().time() - self.began
        return max(connect - passed, _AT_ONCE), _AT_ONCE if self._silent else read

    def adopt(self) -> Any:
        """Return aiohttp's object for the connection, once; None if there is none."""
        connection, self._connection = self._connection, None
        if connection is None:
            return None
        protocol = ResponseHandler(asyncio.get_running_loop())
        protocol.connection_made(UsedConnection(connection, protocol))
        protocol.force_close()  # so it is not used again
        return protocol

    def close(self) -> None:
        """Close the connection if nobody has taken it."""
        if self._connection is not None:
            self._connection.close()


class UsedConnection(asyncio.Transport):
    """What a protocol of aiohttp writes to: a connection over which its request was sent before."""

    def __init__(self, connection: Any, protocol: Any) -> None:
        super().__init__()
        self._connection = connection
        self._transport = connection.transport
        self._protocol = protocol
        self._told = False
        self._paused = False

    def write(self, _data: Any) -> None:
        """Drop what was sent before; then comes what was received."""
        if not self._told:
            self._told = True
            asyncio.get_running_loop().call_soon(self._tell)

    def pause_reading(self) -> None:
        """Pause what the protocol is told."""
        self._paused = True
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Continue with what the protocol is told."""
        self._paused = False
        self._transport.resume_reading()
        asyncio.get_running_loop().call_soon(self._tell)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport knows."""
        return self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        """Return False until the protocol has been told of the end."""
        return self._protocol is None

    def close(self) -> None:
        """Close the connection."""
        self._protocol = None
        self._connection.close()

    abort = close

    def _tell(self) -> None:
        """Tell the protocol what was received, and how it ended."""
        received = self._connection.received
        while received and not self._paused and self._protocol is not None:
            self._protocol.data_received(received.pop(0))
        if self._paused or self._protocol is None:
            return
        if not self._connection.ended:
            self._transport.set_protocol(self._protocol)
            return
        protocol, self._protocol = self._protocol, None
        protocol.connection_lost(self._connection.error)
