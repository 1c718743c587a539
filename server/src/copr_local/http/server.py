"""The HTTP server: waitress, on a socket that is bound before anything else is started."""

from __future__ import annotations

import errno
import logging
import socket
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

from waitress.server import create_server
from waitress.wasyncore import close_all, loop

from .connection import Channel
from .injected_faults import Faults

THREADS = 8
MOST_CONNECTIONS = 4096
LONGEST_IDLE = 120  # seconds
_REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  (listening everywhere includes loopback)


class AddressError(Exception):
    """The service cannot listen where it was told to; the text says why and what to do, in one line."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket.

    :param port: 0 for any free one.
    :raises AddressError: the port is taken, or the host is not this machine.
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
            hint = "choose another one with --port, or --port 0 for any that is free"
            raise AddressError(f"port {port} of {host} is taken by another program: {hint}") from error
        raise AddressError(f"cannot listen on port {port} of {host}: {error.strerror}") from error
    return listener


def url(listener: socket.socket) -> str:
    """The address by which this machine reaches a listening socket."""
    host, port = listener.getsockname()[:2]
    host = _REACHED_AT.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class HttpServer:
    """Serves a WSGI application on a listening socket, on threads of its own.

    :param folder: where large bodies are kept until all of them is there.
    :param faults: what requests meet.
    """

    def __init__(self, app: Any, listener: socket.socket, folder: Path, faults: Faults) -> None:
        # All threads busy is nothing to warn about: requests wait their turn.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self._map: dict[int, Any] = {}
        server: Any = create_server(
            app,
            map=self._map,
            sockets=[listener],
            threads=THREADS,
            connection_limit=MOST_CONNECTIONS,
            max_request_body_size=sys.maxsize,  # what is too large is the connection's to say
            channel_timeout=LONGEST_IDLE,
            clear_untrusted_proxy_headers=True,
            ident="copr-local",
        )
        server.channel_class = partial(Channel, folder=folder, faults=faults)
        self._server = server
        self._over = faults.over
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="copr-local-http", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Give requests at work a second to come to their ends; then end all connections and threads."""
        self._over.set()
        self._server.task_dispatcher.shutdown(timeout=1)
        self._stopping.set()
        self._server.pull_trigger()
        self._thread.join()
        # Only now: whoever wakes the loop writes to a descriptor that this closes.
        close_all(self._map)

    def _run(self) -> None:
        while not self._stopping.is_set():
            loop(use_poll=True, map=self._map, count=1)  # select() ends at 1,024 files
