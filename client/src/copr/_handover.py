"""Exchanges that the light transport began and `requests` is to end.

Rules: `requests` gets something in the place of a socket. What it sends was sent before, so it is dropped. It
reads what was read before, then the error that was met, or what the socket still brings. So its response or
its error is the one that it would have made from the beginning.
"""

from __future__ import annotations

import errno
import io
import socket
from collections.abc import Iterable, Mapping
from typing import Any

from ._exchange import Exchange


class Handover:
    """An exchange, with the headers that identified the user when it began."""

    def __init__(self, identity: Mapping[str, str], exchange: Exchange) -> None:
        self.identity = identity
        self.began = exchange.began
        self.expired = exchange.expired
        self._exchange = exchange

    def take_socket(self) -> UsedSocket | None:
        """Return the socket, once; None if there is none."""
        exchange = self._exchange
        if exchange.connection is None:
            return None
        sock, exchange.connection = exchange.connection.sock, None
        error, received = exchange.error, exchange.received
        if exchange.expired:
            # What the watching thread of `_deadlines` would have done.
            error, received = None, [*received, b""]
            if exchange.sent_at is None:
                error = BrokenPipeError(errno.EPIPE, "Broken pipe")
        return UsedSocket(sock, received, error, exchange.sent_at)


class UsedSocket:
    """A socket over which a request was sent, and perhaps a part of its response received.

    `real`: the socket, or None if everything was received. `sent_at`: None if `error` came up before the
    request was sent.
    """

    def __init__(
        self,
        real: socket.socket | None,
        received: Iterable[bytes],
        error: OSError | None,
        sent_at: float | None,
    ) -> None:
        self.real = real
        self.sent_at = sent_at
        self._received = received
        self._error = error

    def sendall(self, _data: bytes) -> None:
        """Do nothing, or raise the error of sending."""
        if self._error is not None and self.sent_at is None:
            raise self._error

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """Return a file that reads what was received, then from the socket."""
        rest = None if self.real is None else self.real.makefile("rb", buffering=0)
        return io.BufferedReader(_Received(self._received, self._error, rest))

    def settimeout(self, seconds: float | None) -> None:
        """Set the timeout of the socket."""
        if self.real is not None:
            self.real.settimeout(seconds)

    def shutdown(self, how: int) -> None:
        """Shut the socket down."""
        if self.real is not None:
            self.real.shutdown(how)

    def close(self) -> None:
        """Close the socket, but not its file."""
        if self.real is not None:
            self.real.close()


class _Received(io.RawIOBase):
    """The file of a used socket."""

    def __init__(self, received: Iterable[bytes], error: OSError | None, rest: Any) -> None:
        self._received = [memoryview(block) for block in received]
        self._received.reverse()
        self._error = error
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, space: Any) -> int | None:
        if self._received:
            block = self._received.pop()
            count = min(len(block), len(space))
            space[:count] = block[:count]
            if count < len(block) or not count:  # the end stays the end
                self._received.append(block[count:])
            return count
        if self._error is not None:
            raise self._error
        found: int | None = 0 if self._rest is None else self._rest.readinto(space)
        return found

    def close(self) -> None:
        if self._rest is not None:
            self._rest.close()
        super().close()
