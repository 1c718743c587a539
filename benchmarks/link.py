"""A link of some length: relays connections to a port of this machine, each byte half a round trip late.

Rules: a program with nothing but the standard library. It prints its port as one line of JSON, and ends with
its standard input. Delays are of TCP's bytes, so TLS handshakes, new connections and pipelined requests cost
what they cost on a long line. It has no bandwidth of its own, no losses and no slow start: all of these would
cost a client with new connections more than one that keeps them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import selectors
import sys
from collections import deque


class Direction(asyncio.Protocol):
    """One direction of a connection: what is read here leaves at the other end `delay` seconds later."""

    def __init__(self, delay: float) -> None:
        self.loop = asyncio.get_running_loop()
        self.delay = delay
        self.arrival = 0.0
        self.under_way: deque[bytes | None] = deque()
        self.here: asyncio.Transport | None = None
        self.there: asyncio.Transport | None = None

    def connection_made(self, here: asyncio.BaseTransport) -> None:
        """Remember the near end."""
        assert isinstance(here, asyncio.Transport)
        self.here = here

    def data_received(self, data: bytes | None) -> None:
        """Let bytes, or None for the end, be under way; they do not overtake one another."""
        self.arrival = max(self.arrival, self.loop.time() + self.delay)
        self.under_way.append(data)
        self.loop.call_at(self.arrival, self.deliver)

    def eof_received(self) -> bool:
        """The end travels like any byte."""
        self.data_received(None)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """So does a broken connection."""
        self.data_received(None)

    def deliver(self) -> None:
        """Hand on what has been under way longest: timers of the same moment may fire in any order."""
        data = self.under_way.popleft()
        if self.there is not None and data is not None:
            self.there.write(data)
            return
        for end in (self.here, self.there):
            if end is not None:
                end.close()


class Entrance(Direction):
    """The client's end, and the way from it.

    On this machine a connection is there at once; on a long line a round trip later, and whatever the client
    does then is that much later too. So until its first answer all that it sends is a round trip late.
    """

    def __init__(self, port: int, delay: float) -> None:
        super().__init__(3 * delay)
        self.port = port
        self.back = Exit(self, delay)

    def connection_made(self, here: asyncio.BaseTransport) -> None:
        """Open the other end, while the client believes the handshake to be under way."""
        super().connection_made(here)
        self.back.there = self.here
        self.opening = self.loop.create_task(self.open())

    async def open(self) -> None:
        """Connect to the service; if that fails, what arrives there ends the connection."""
        with contextlib.suppress(OSError):
            self.there, _ = await self.loop.create_connection(lambda: self.back, "127.0.0.1", self.port)


class Exit(Direction):
    """The service's end, and the way back."""

    def __init__(self, entrance: Entrance, delay: float) -> None:
        super().__init__(delay)
        self.entrance = entrance

    def deliver(self) -> None:
        """With its first answer the client is on time."""
        self.entrance.delay = self.delay
        super().deliver()


async def relay(port: int, round_trip: float) -> None:
    """Relay to a port until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Entrance(port, round_trip / 2), "127.0.0.1", 0)
    print(json.dumps(server.sockets[0].getsockname()[1]), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def main() -> None:
    """Relay; the arguments are the port and the seconds of a round trip."""
    # Of all selectors only select takes a timeout finer than a millisecond.
    loop = asyncio.SelectorEventLoop(selectors.SelectSelector())
    loop.run_until_complete(relay(int(sys.argv[1]), float(sys.argv[2])))


if __name__ == "__main__":
    main()
