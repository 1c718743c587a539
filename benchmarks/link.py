"""A slow connection: a relay to a port of this machine that delays each byte by half a round trip.

Rules: a program that needs only the standard library. It prints its port as one line of JSON, and stops when
its standard input is closed. It delays the bytes of TCP, so TLS handshakes, new connections and pipelined
requests take as long as on a real line. It has no limit of bandwidth, no losses and no slow start. All of
these would cost a client with new connections more than a client that keeps its connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import selectors
import sys
from collections import deque


class Direction(asyncio.Protocol):
    """One direction of a connection: bytes that are read here leave the other end after `delay` seconds."""

    def __init__(self, delay: float) -> None:
        self.loop = asyncio.get_running_loop()
        self.delay = delay
        self.arrival = 0.0
        self.queue: deque[bytes | None] = deque()
        self.here: asyncio.Transport | None = None
        self.there: asyncio.Transport | None = None

    def connection_made(self, here: asyncio.BaseTransport) -> None:
        """Store the transport of this end."""
        assert isinstance(here, asyncio.Transport)
        self.here = here

    def data_received(self, data: bytes | None) -> None:
        """Send bytes, or None for the end of the stream, after the delay. The order is kept."""
        self.arrival = max(self.arrival, self.loop.time() + self.delay)
        self.queue.append(data)
        self.loop.call_at(self.arrival, self.deliver)

    def eof_received(self) -> bool:
        """Delay the end of the stream like a byte."""
        self.data_received(None)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Delay the end of a broken connection like a byte."""
        self.data_received(None)

    def deliver(self) -> None:
        """Send the oldest bytes. Timers of the same moment fire in any order; the queue keeps the order."""
        data = self.queue.popleft()
        if self.there is not None and data is not None:
            self.there.write(data)
            return
        for end in (self.here, self.there):
            if end is not None:
                end.close()


class Entrance(Direction):
    """The end of the client, and the direction from the client to the service.

    On this machine a connection opens at once. On a slow line it opens one round trip later, and everything
    that the client sends then is late by as much. So until the first response, what the client sends has an
    additional delay of one round trip.
    """

    def __init__(self, port: int, delay: float) -> None:
        super().__init__(3 * delay)
        self.port = port
        self.back = Exit(self, delay)

    def connection_made(self, here: asyncio.BaseTransport) -> None:
        """Open the connection to the service. On a real line, the client would wait for the handshake now."""
        super().connection_made(here)
        self.back.there = self.here
        self.opening = self.loop.create_task(self.open())

    async def open(self) -> None:
        """Connect to the service. If that fails, the first bytes of the client close its connection."""
        with contextlib.suppress(OSError):
            self.there, _ = await self.loop.create_connection(lambda: self.back, "127.0.0.1", self.port)


class Exit(Direction):
    """The end of the service, and the direction from the service to the client."""

    def __init__(self, entrance: Entrance, delay: float) -> None:
        super().__init__(delay)
        self.entrance = entrance

    def deliver(self) -> None:
        """Remove the additional delay of the client at the first response."""
        self.entrance.delay = self.delay
        super().deliver()


async def relay(port: int, round_trip: float) -> None:
    """Relay to a port until standard input is closed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Entrance(port, round_trip / 2), "127.0.0.1", 0)
    print(json.dumps(server.sockets[0].getsockname()[1]), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def main() -> None:
    """Relay. The arguments are the port and the round trip time in seconds."""
    # Only the selector `select` has timeouts below one millisecond.
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    loop.run_until_complete(relay(int(sys.argv[1]), float(sys.argv[2])))


if __name__ == "__main__":
    main()
