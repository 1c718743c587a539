"""One exchange of the light transport: it sends bytes, and reads a plain response.

Rules: a socket never blocks; a connection waits for one event at a time (`poll`). So one system call tells
whether a kept connection is alive, and each timeout is exact. What to make of anything unexpected is up to
`requests`: an exchange keeps all that was read, and how it ended.
"""

from __future__ import annotations

import select
import socket
import time
import weakref

from ._plain import Header, Place, authorities_file
from ._policy import Policy
from ._typing import Any

#: Bytes to read at once of a header, and of a short body with it.
READ = 64 * 1024

#: The largest block that is read of a long body. A large document is decoded block by block.
LARGEST_BLOCK = 1024 * 1024

#: Connections that are kept open, enough for as many threads.
POOL_SIZE = 64


def _memory(size: int) -> Any:
    """Return memory for a block. That of a full block is given back to the system as soon as it is freed.

    The C library would keep it, and a program that has decoded one large document would stay large.
    """
    if size < LARGEST_BLOCK:
        return bytearray(size)
    import mmap

    # MAP_POPULATE gets all pages with one call. Otherwise each page is a page fault of its own.
    return mmap.mmap(-1, size, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)


class Connection:
    """A connected socket that does not block.

    `awaited`: the event to wait for, by the exception that says that an operation would block; 0: the event
    of the operation.
    """

    __slots__ = ("awaited", "poll", "sock")

    def __init__(self, sock: socket.socket, awaited: dict[type[OSError], int]) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.awaited = awaited
        self.poll = select.poll()
        self.poll.register(sock, 0)

    def is_alive(self) -> bool:
        """Return False if there is something to read before anything was sent: usually the end."""
        self.poll.modify(self.sock, select.POLLIN | select.POLLOUT)
        return all(events == select.POLLOUT for _, events in self.poll.poll(0))

    def wait(self, event: int, seconds: float) -> bool:
        """Wait until the socket can be read or written, and return False if it cannot."""
        self.poll.modify(self.sock, event)
        return bool(self.poll.poll(max(seconds, 0) * 1000 + 1))


class Service:
    """A service at a place, and the connections to it that are kept."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._authorities = authorities_file()
        self._context: Any = None
        self._kept: list[Connection] = []
        # Otherwise Python would warn of sockets that were not closed.
        weakref.finalize(self, _close_all, self._kept)

    def connection(self, timeout: float) -> Connection:
        """Return a kept connection that is alive, or a new one.

        Raise OSError if none can be made within `timeout` seconds.
        """
        while (kept := _popped(self._kept)) is not None:
            if kept.is_alive():
                return kept
            kept.sock.close()
        failure: OSError | None = None
        name = self.place.name.encode()  # as bytes, it needs no codec for names with other letters
        found = socket.getaddrinfo(name, self.place.port, socket.AF_UNSPEC, socket.SOCK_STREAM)
        for family, kind, protocol, _, address in found:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(timeout)
                sock.connect(address)
                if self.place.is_encrypted:
                    return self._encrypted(sock)
                return Connection(sock, {BlockingIOError: 0})
            except OSError as error:
                sock.close()
                failure = error
        raise failure or OSError("the service has no address")

    def keep(self, connection: Connection) -> None:
        """Keep a connection for another exchange."""
        if len(self._kept) < POOL_SIZE:
            self._kept.append(connection)
        else:
            connection.sock.close()

    def close(self) -> None:
        """Close the connections that are kept."""
        _close_all(self._kept)

    def _encrypted(self, sock: socket.socket) -> Connection:
        from ._light_trust import AWAITED, trusting

        if self._context is None:
            self._context = trusting(self._authorities)
        return Connection(self._context.wrap_socket(sock, server_hostname=self.place.name), AWAITED)


class Exchange:
    """One exchange, and how it ended if not with a plain response.

    `connection`: None if there was none. `received`: what was read; it ends with an empty block if the
    service closed the connection. `error`: what the socket raised. `expired`: whether the exchange took
    too long. `began`, `sent_at`: when it began and when the request had been sent, of the monotonic clock.
    `header` and `blocks`: the header and the body of a plain response.
    """

    def __init__(self, policy: Policy, limit: float | None) -> None:
        self.began = time.monotonic()
        self.sent_at: float | None = None
        self.connection: Connection | None = None
        self.received: list[bytes] = []
        self.error: OSError | None = None
        self.expired = False
        self.header = Header()
        self.blocks: list[Any] = []
        self._connect = policy.connect if limit is None else min(policy.connect, limit)
        self._read = policy.read if limit is None else min(policy.read, limit)
        self._answer = policy.answer
        self._ends = float("inf") if limit is None else self.began + limit

    def carry_out(self, service: Service, request: bytes) -> bool:
        """Send a request and read its response; return True if it is a plain one."""
        try:
            self.connection = service.connection(self._connect)
        except (OSError, ValueError):
            return False
        try:
            self._send(self.connection, request)
            self.sent_at = time.monotonic()
            self._ends = min(self._ends, self.sent_at + self._answer)
            from . import results  # noqa: F401 - read now, while the service works

            self._receive_header(self.connection)
            if not self._receive_body(self.connection, self.header.length):
                return False
        except OSError as error:
            self.error = error
            return False
        except BaseException:
            self.connection.sock.close()
            raise
        if self.header.stays_open:
            service.keep(self.connection)
        else:
            self.connection.sock.close()
        return True

    def _send(self, connection: Connection, request: bytes) -> None:
        rest = memoryview(request)
        while rest:
            rest = rest[self._when_ready(connection, select.POLLOUT, connection.sock.send, rest) :]

    def _receive_header(self, connection: Connection) -> None:
        self._wait(connection, select.POLLIN)
        is_known = False
        while not is_known:
            block = self._when_ready(connection, select.POLLIN, connection.sock.recv, READ)
            self.received.append(block)
            is_known = self.header.add(block)
        if self.header.rest:
            self.blocks.append(self.header.rest)

    def _receive_body(self, connection: Connection, length: int) -> bool:
        """Read a body; return False if it is not whole, or longer than it should be."""
        missing = length - sum(map(len, self.blocks))
        while missing > 0:
            block = _memory(min(missing, LARGEST_BLOCK))
            self.blocks.append(block)
            rest = memoryview(block)
            while rest:
                count = self._when_ready(connection, select.POLLIN, connection.sock.recv_into, rest)
                self.received.append(rest[:count])  # type: ignore[arg-type]  # of the same bytes
                rest = rest[count:]
                if not count:
                    return False
            missing -= len(block)
        return missing == 0

    def _when_ready(self, connection: Connection, event: int, operation: Any, argument: Any) -> Any:
        """Call an operation of a socket, as soon as it does not block."""
        while True:
            try:
                return operation(argument)
            except OSError as error:
                if type(error) not in connection.awaited:
                    raise
                awaited = connection.awaited[type(error)] or event
            self._wait(connection, awaited)  # here a timeout has no other error as its context

    def _wait(self, connection: Connection, event: int) -> None:
        left = self._ends - time.monotonic()
        if not connection.wait(event, min(self._read, left)):
            self.expired = left <= self._read
            raise TimeoutError("timed out")


def _popped(kept: list[Connection]) -> Connection | None:
    try:
        return kept.pop()
    except IndexError:
        return None


def _close_all(kept: list[Connection]) -> None:
    while (connection := _popped(kept)) is not None:
        connection.sock.close()
