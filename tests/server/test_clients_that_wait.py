"""Clients that read slowly, send slowly or send something else: all others are answered meanwhile."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from copr_local import LocalCopr

LARGE = 24 * 1024**2  # bytes: more than waitress keeps of a response before a thread waits
MANY = 24  # clients, three times as many as threads
SOON = 1.0  # second
FILE = "/results/local/hello/fedora-45-x86_64/large.rpm"


@pytest.fixture
def content(copr: LocalCopr, api: Any) -> bytes:
    """Return the content of a large published file."""
    api.project()
    content = bytes(range(256)) * (LARGE // 256)
    (copr.data / FILE.removeprefix("/")).write_bytes(content)
    return content


@pytest.fixture
def send(copr: LocalCopr) -> Iterator[Callable[[bytes], socket.socket]]:
    """Open connections that send some bytes, and close them after the test."""
    address = urlsplit(copr.url)
    with ExitStack() as stack:

        def one(data: bytes) -> socket.socket:
            connection = socket.create_connection((address.hostname, address.port), timeout=20)
            stack.enter_context(connection)
            connection.sendall(data)
            return connection

        yield one


def get(path: str, *lines: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode()


def seconds(copr: LocalCopr) -> float:
    """Return how long another client waits for an answer."""
    begun = time.monotonic()
    assert requests.get(f"{copr.url}/api_3/", timeout=30).status_code == 200
    return time.monotonic() - begun


@pytest.mark.parametrize(
    "data",
    [
        get(FILE),
        get(FILE, "Range: bytes=0-"),
        get(FILE, f"Range: bytes={LARGE // 3}-"),
        get(FILE, "Range: bytes=0-") * 20,
        b"POST /api_3/project/add/local HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{",
        b"GET /api_3/ HTTP/1.1\r\nHost:",
    ],
    ids=["file", "range", "rest", "pipeline", "body", "header"],
)
def test_clients_that_do_not_go_on_stop_nobody(
    copr: LocalCopr, content: bytes, send: Callable[[bytes], socket.socket], data: bytes
) -> None:
    waiting = [send(data) for _ in range(MANY)]
    assert waiting
    assert max(seconds(copr) for _ in range(3)) < SOON


@pytest.mark.parametrize(("first", "last"), [(0, ""), (LARGE - 7, ""), (1000, 2_000_000), (0, LARGE - 1)])
def test_a_range_has_the_right_bytes(copr: LocalCopr, content: bytes, first: int, last: Any) -> None:
    part = requests.get(copr.url + FILE, headers={"Range": f"bytes={first}-{last}"}, timeout=30)
    assert part.status_code == 206
    end = LARGE - 1 if last == "" else last
    assert part.headers["Content-Range"] == f"bytes {first}-{end}/{LARGE}"
    assert part.content == content[first : end + 1]


def test_a_slow_reader_gets_all_of_a_file(
    copr: LocalCopr, content: bytes, send: Callable[[bytes], socket.socket]
) -> None:
    with send(get(FILE, "Range: bytes=5-", "Connection: close")) as connection:
        time.sleep(0.2)
        received = b"".join(iter(lambda: connection.recv(1024**2), b""))
    assert received.partition(b"\r\n\r\n")[2] == content[5:]


def test_requests_of_one_connection_are_answered_in_their_order(
    content: bytes, send: Callable[[bytes], socket.socket]
) -> None:
    asked = [get(FILE, f"Range: bytes={at}-{at}") for at in range(40, 60)]
    with send(b"".join([*asked, get(FILE, "Range: bytes=60-60", "Connection: close")])) as connection:
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    bodies = [part.partition(b"\r\n\r\n")[2] for part in received.split(b"HTTP/1.1 206 ")[1:]]
    assert bodies == [bytes([at]) for at in range(40, 61)]


@pytest.mark.parametrize("first", [b"\x16\x03\x01\x02\x00\x01", b"\x00", b"\r\n\x80", b" GET", b"{}"])
def test_what_is_not_http_is_answered_at_once(send: Callable[[bytes], socket.socket], first: bytes) -> None:
    with send(first) as connection:
        connection.settimeout(5)
        assert connection.recv(65536).startswith(b"HTTP/1.0 400 ")


def test_many_idle_connections_stop_nobody(copr: LocalCopr, send: Callable[[bytes], socket.socket]) -> None:
    idle = [send(b"") for _ in range(600)]
    assert seconds(copr) < 2 * SOON  # the accepted connections come first
    assert max(seconds(copr) for _ in range(3)) < SOON
    assert len(idle) == 600
