"""One exchange of the light transport: it sends bytes, and reads a plain response.

Rules: a socket never blocks; a connection waits for one event at a time (`poll`). So one system call tells
whether a kept connection is alive, and each timeout is exact. What to make of anything unexpected is up to
`requests`: an exchange keeps all that was read, and how it ended.
"""

from __future__ import annotations

import os
import select
import socket
import time
import weakref

from ._policy import Policy
from ._typing import Any

#: Bytes to read at once of a header, and of a short body with it.
READ = 64 * 1024

#: The largest block that is read of a long body. The C library gives blocks of more than 32 MiB back to the
#: system as soon as they are freed.
LARGEST_BLOCK = 33 * 1024 * 1024

#: Connections that are kept open, enough for as many threads.
POOL_SIZE = 64

#: What is usual of a header, in bytes and lines; `http.client` has limits for both.
LARGEST_HEADER = 32 * 1024
MOST_HEADERS = 64

_PORTS = {"http": 80, "https": 443}


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
    """The place of a service, and the connections to it that are kept.

    `origin`: its URL without a path. `host`: the header Host.
    """

    def __init__(self, origin: str, scheme: str, name: str, port: int | None) -> None:
        self.origin = origin
        self._name = name
        self._port = port or _PORTS[scheme]
        self.host = name if self._port == _PORTS[scheme] else f"{name}:{port}"
        self._is_encrypted = scheme == "https"
        self._authorities = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
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
        found = socket.getaddrinfo(self._name, self._port, socket.AF_UNSPEC, socket.SOCK_STREAM)
        for family, kind, protocol, _, place in found:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.settimeout(timeout)
                sock.connect(place)
                return self._encrypted(sock) if self._is_encrypted else Connection(sock, {BlockingIOError: 0})
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
        return Connection(self._context.wrap_socket(sock, server_hostname=self._name), AWAITED)


class Exchange:
    """One exchange, and how it ended if not with a plain response.

    `connection`: None if there was none. `received`: what was read; it ends with an empty block if the
    service closed the connection. `error`: what the socket raised. `expired`: whether the exchange took
    too long. `began`, `sent_at`: when it began and when the request had been sent, of the monotonic clock.
    `plain`: whether the response is a plain one; then `head` and `blocks` are its header and its body.
    """

    def __init__(self, policy: Policy, limit: float | None) -> None:
        self.began = time.monotonic()
        self.sent_at: float | None = None
        self.connection: Connection | None = None
        self.received: list[bytes] = []
        self.error: OSError | None = None
        self.expired = False
        self.head = b""
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
            length, stays_open = self._receive_header(self.connection)
            if not self._receive_body(self.connection, length):
                return False
        except OSError as error:
            self.error = error
            return False
        except BaseException:
            self.connection.sock.close()
            raise
        if stays_open:
            service.keep(self.connection)
        else:
            self.connection.sock.close()
        return True

    def _send(self, connection: Connection, request: bytes) -> None:
        rest = memoryview(request)
        while rest:
            rest = rest[self._when_ready(connection, select.POLLOUT, connection.sock.send, rest) :]

    def _receive_header(self, connection: Connection) -> tuple[int, bool]:
        """Read a header; return what `_plain` says of it."""
        self._wait(connection, select.POLLIN)
        data = b""
        while True:
            block = self._when_ready(connection, select.POLLIN, connection.sock.recv, READ)
            self.received.append(block)
            data = data + block if data else block
            end = data.find(b"\r\n\r\n")
            if 0 <= end <= LARGEST_HEADER:
                break
            if not block or len(data) > LARGEST_HEADER or data.count(b"\n") != data.count(b"\r\n"):
                return -1, False
        self.head = data[: end + 4]
        if len(data) > end + 4:
            self.blocks.append(data[end + 4 :])
        return _plain(data[:end])

    def _receive_body(self, connection: Connection, length: int) -> bool:
        """Read a body; return False if it is not whole, or longer than it should be."""
        missing = length - sum(map(len, self.blocks))
        while missing > 0:
            block = bytearray(min(missing, LARGEST_BLOCK))
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


def _plain(header: bytes) -> tuple[int, bool]:
    """Return the length of the body that a header announces, and whether the connection stays open.

    The length is -1 if this is anything but a plain response.
    """
    status, *lines = header.split(b"\r\n")
    length, stays_open = -1, True
    if not status.startswith(b"HTTP/1.1 200 ") or len(lines) > MOST_HEADERS or not header.isascii():
        return -1, False
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name.replace(b"-", b"").isalnum() or b"\n" in value or b"\r" in value:
            return -1, False
        name = name.lower()
        if name == b"content-length":
            digits = value.strip()
            if length >= 0 or not digits.isdigit() or len(digits) > 15:
                return -1, False
            length = int(digits)
        elif name in (b"transfer-encoding", b"content-encoding"):
            return -1, False
        elif name == b"connection" and value.strip().lower() != b"keep-alive":
            stays_open = False
    return (-1, False) if b"\n" in status else (length, stays_open)


def _popped(kept: list[Connection]) -> Connection | None:
    try:
        return kept.pop()
    except IndexError:
        return None


def _close_all(kept: list[Connection]) -> None:
    while (connection := _popped(kept)) is not None:
        connection.sock.close()
