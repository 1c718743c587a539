"""One exchange of the light async transport: it sends bytes, and reads a plain response.

Rules: a connection collects all that arrives, and how it ended. What to make of anything unexpected is up to
aiohttp.
"""

from __future__ import annotations

import asyncio
import select
from typing import Any

from ._async_common import trust
from ._plain import Header, Place
from ._policy import Policy

#: The most connections that are open at the same time.
POOL_SIZE = 64


class Connection(asyncio.Protocol):
    """A connection, and what has arrived over it.

    `received`: the blocks. `ended`: whether the connection was closed or lost, `error`: by which exception.
    """

    transport: Any = None

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.received: list[bytes] = []
        self.ended = False
        self.error: Exception | None = None
        self._loop = loop
        self._waiter: asyncio.Future[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember what writes to the connection."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Collect what has arrived."""
        self.received.append(data)
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """Note the end."""
        self.ended, self.error = True, error
        self._wake()

    async def arrival(self) -> None:
        """Wait until something arrives, or the end."""
        self._waiter = self._loop.create_future()
        await self._waiter

    def is_alive(self) -> bool:
        """Return False if there is something to read before anything was sent: usually the end.

        After a program has blocked the event loop, the loop does not know of it yet, but the kernel does.
        """
        if self.ended or self.received or self.transport.is_closing():
            return False
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN | select.POLLOUT)
        return all(events == select.POLLOUT for _, events in poll.poll(0))

    def close(self) -> None:
        """Close the connection."""
        if self.transport is not None and not self._loop.is_closed():
            self.transport.abort()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


class Service:
    """A service at a place, and the connections to it that are kept; they belong to an event loop."""

    def __init__(self, place: Place, loop: asyncio.AbstractEventLoop) -> None:
        self.place = place
        self.loop = loop
        self.turns = asyncio.Semaphore(POOL_SIZE)
        self._trust: Any = None
        self._kept: list[Connection] = []

    async def connection(self, timeout: float) -> Connection:
        """Return a kept connection that is alive, or a new one.

        Raise OSError if none can be made within `timeout` seconds.
        """
        while self._kept:
            kept = self._kept.pop()
            if kept.is_alive():
                return kept
            kept.close()
        encryption: dict[str, Any] = {}
        if self.place.is_encrypted:
            if self._trust is None:
                self._trust = trust()
            encryption = {"ssl": self._trust, "server_hostname": self.place.name}
        async with asyncio.timeout(timeout):
            _, connection = await self.loop.create_connection(
                lambda: Connection(self.loop),
                self.place.name,
                self.place.port,
                happy_eyeballs_delay=0.25,
                **encryption,
            )
        return connection

    def keep(self, connection: Connection) -> None:
        """Keep a connection for another exchange."""
        self._kept.append(connection)

    async def close(self) -> None:
        """Close the connections that are kept."""
        while self._kept:
            self._kept.pop().close()
        await asyncio.sleep(0)  # the event loop closes them in its next round


class Exchange:
    """One exchange, and how it ended if not with a plain response.

    `connection`: None if there was none. `silent`: whether the service was silent for too long. `began`:
    when it began, in the time of the event loop. `header` and `blocks`: the header and the body of a plain
    response.
    """

    def __init__(self, policy: Policy, limit: float | None) -> None:
        self._loop = asyncio.get_running_loop()
        self.began = self._loop.time()
        self.connection: Connection | None = None
        self.silent = False
        self.header = Header()
        self.blocks: list[bytes] = []
        self._connect = policy.connect if limit is None else min(policy.connect, limit)
        self._read = policy.read if limit is None else min(policy.read, limit)
        seconds = policy.connect + policy.answer
        self._ends = self.began + (seconds if limit is None else min(seconds, limit))

    async def carry_out(self, service: Service, request: bytes) -> bool:
        """Send a request and read its response; return True if it is a plain one."""
        async with service.turns:
            try:
                self.connection = await service.connection(self._connect)
            except (OSError, ValueError):
                return False
            try:
                is_plain = await self._exchange(self.connection, request)
            except BaseException:
                self.connection.close()
                raise
            if is_plain and self.header.stays_open:
                service.keep(self.connection)
            elif is_plain:
                self.connection.close()
            return is_plain

    async def _exchange(self, connection: Connection, request: bytes) -> bool:
        """Send a request and read its response; all that was read remains if it is not a plain one."""
        connection.transport.write(request)
        from . import results  # noqa: F401 - read now, while the service works

        header, known = self.header, 0
        while True:
            if not await self._more_than(known, connection):
                return False
            known, blocks = len(connection.received), connection.received[known:]
            if header.add(b"".join(blocks)):
                break
        self.blocks = [header.rest] if header.rest else []
        missing = header.length - len(header.rest)
        while missing > 0:
            if not await self._more_than(known, connection):
                return False
            known, blocks = len(connection.received), connection.received[known:]
            self.blocks += blocks
            missing -= sum(map(len, blocks))
        if missing < 0:  # not plain, or longer than it should be
            return False
        connection.received.clear()
        return True

    async def _more_than(self, known: int, connection: Connection) -> bool:
        """Wait until more than `known` blocks arrived; return False if no more do, or not in time."""
        left = self._ends - self._loop.time()
        try:
            async with asyncio.timeout(min(self._read, left)):
                while len(connection.received) == known and not connection.ended:
                    await connection.arrival()
        except TimeoutError:
            self.silent = left > self._read
        return len(connection.received) > known
