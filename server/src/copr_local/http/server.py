"""The HTTP server: waitress, on a socket that is bound before the rest of the service starts."""

from __future__ import annotations

import errno
import logging
import resource
import socket
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from waitress.server import create_server
from waitress.wasyncore import close_all, loop

from ..wire import waits
from .backlog import Backlog
from .connection import Channel
from .injected_faults import Faults
from .lanes import LaneOf, Lanes
from .parser import IsKnown

MOST_CONNECTIONS = 4096
LONGEST_IDLE = 120  # seconds
CHECK = 10  # seconds between searches for idle connections
ACCEPTED = 64  # connections that are accepted at once
LARGEST_BACKLOG = 1024**3  # bytes of all responses that clients have not read yet; published files have none
RECEIVED = 256 * 1024  # bytes of a body that are read at once
# A service that listens on all addresses is reached on loopback.
_REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


class AddressError(Exception):
    """The service cannot listen on the given host and port; the text says in one line why, and what to do."""


def bind(host: str, port: int) -> socket.socket:
    """Open a listening socket.

    :param host: name or IP address to listen on.
    :param port: port to listen on; 0 for any free one.
    :returns: the socket.
    :raises AddressError: the port is in use or not allowed, or the host is not an address of this machine.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise AddressError(f"cannot listen on {host}: {error.strerror or error}") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            hint = "choose another one with --port, or use --port 0 for any free port"
            raise AddressError(f"port {port} of {host} is taken by another program: {hint}") from error
        raise AddressError(f"cannot listen on port {port} of {host}: {error.strerror}") from error
    return listener


def url(listener: socket.socket) -> str:
    """Return the URL at which this machine reaches a listening socket.

    :param listener: the socket.
    :returns: the URL, without a slash at its end.
    """
    host, port = listener.getsockname()[:2]
    host = _REACHED_AT.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class HttpServer:
    """A server of a WSGI application on a listening socket, in its own threads.

    :param app: the WSGI application.
    :param listener: the socket; the server closes it when it stops.
    :param folder: folder for large request bodies.
    :param faults: faults that requests meet.
    :param is_known: takes the values of the headers `Authorization` and `Cookie`, and returns True if they
        have valid credentials. Only then may an upload be large.
    :param lane_of: returns the lane of a request, see `lanes`.
    """

    def __init__(
        self,
        app: Any,
        listener: socket.socket,
        folder: Path,
        faults: Faults,
        is_known: IsKnown,
        lane_of: LaneOf,
    ) -> None:
        # waitress warns when all threads are busy. That is normal here: requests wait in a queue.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._map: dict[int, Any] = {}
        self._most = _most_connections()
        server: Any = create_server(
            waits.application(app),
            map=self._map,
            sockets=[listener],
            _dispatcher=Lanes(lane_of),  # type: ignore[arg-type]  # it has the methods that are used
            connection_limit=sys.maxsize,  # `_accept` makes room
            recv_bytes=RECEIVED,
            outbuf_high_watermark=sys.maxsize,  # a thread never waits for a client: the rest is in a file
            max_request_body_size=sys.maxsize,  # connection.py checks the size
            clear_untrusted_proxy_headers=True,
            ident="copr-local",
        )
        self._backlog = Backlog(LARGEST_BACKLOG)
        server.channel_class = partial(
            Channel, folder=folder, faults=faults, is_known=is_known, backlog=self._backlog
        )
        self._server = server
        self._accept_one = server.handle_accept
        server.handle_accept = self._accept
        server.maintenance = lambda _now: None  # `_close_idle` does it
        self._over = faults.over
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="copr-local-http", daemon=True)

    def start(self) -> None:
        """Start to accept requests."""
        self._thread.start()

    def stop(self) -> None:
        """Wait up to one second for running requests, then close all connections."""
        self._over.set()
        self._server.task_dispatcher.shutdown(timeout=1)
        self._stopping.set()
        self._server.pull_trigger()
        self._thread.join()
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()  # closes the files that it still sends
        # This comes last: until the thread has ended, others may write to a descriptor that this closes.
        close_all(self._map)

    def _close_idle(self) -> None:
        """Close connections that have sent and read nothing for a long time.

        Waitress would wait until the client has read the rest of its response.
        """
        oldest = time.time() - LONGEST_IDLE
        for channel in self._idle():
            if channel.last_activity < oldest:
                channel.handle_close()

    def _idle(self) -> list[Any]:
        """Return the connections without a request in work, first those that have been idle for longest."""
        channels = [channel for channel in self._server.active_channels.values() if not channel.requests]
        return sorted(channels, key=lambda channel: channel.last_activity)

    def _accept(self) -> None:
        """Accept many connections in one round: waitress accepts one, and each round costs time.

        If there are too many connections, those that have been idle for longest make room for the new ones.
        """
        if len(self._server.active_channels) > self._most:
            for channel in self._idle()[:ACCEPTED]:
                channel.handle_close()
        for _ in range(ACCEPTED):
            before = len(self._server.active_channels)
            self._accept_one()
            if len(self._server.active_channels) == before:
                return

    def _run(self) -> None:
        checked = time.monotonic()
        while not self._stopping.is_set():
            loop(CHECK, use_poll=True, map=self._map, count=1)  # select() is limited to 1,024 files
            for channel in self._backlog.given_up():
                channel.handle_close()
            if time.monotonic() >= checked + CHECK:
                checked = time.monotonic()
                self._close_idle()


def _most_connections() -> int:
    """Return how many connections may be open, so that files for the other work of the service are left."""
    needed = 2 * MOST_CONNECTIONS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, soft // 2)
