"""Clients that read slowly, send slowly or send something else: all others are answered meanwhile."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from sqlalchemy import insert

from copr_local import LocalCopr
from copr_local.data.models import Build
from copr_local.http import connection, server
from copr_local.http.injected_faults import Faults
from copr_local.http.lanes import THREADS
from copr_local.wire.lanes import lane

LARGE = 24 * 1024**2  # bytes: more than waitress keeps of a response before a thread waits
MANY = 24  # clients, more than threads
IDLE = 1500  # connections
BUILDS = 4000
PROJECT = {"ownername": "local", "projectname": "hello"}
SOON = 5.0  # seconds: less than one on a machine without other work; who is stopped waits much longer
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


def seconds(copr: LocalCopr, path: str = "/api_3/") -> float:
    """Return how long another client waits for an answer."""
    begun = time.monotonic()
    assert requests.get(copr.url + path, timeout=30).status_code == 200
    return time.monotonic() - begun


@pytest.fixture
def soon(copr: LocalCopr) -> float:
    """Return the seconds within which everybody has to be answered."""
    return max(SOON, 40 * seconds(copr))


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
    copr: LocalCopr, content: bytes, send: Callable[[bytes], socket.socket], soon: float, data: bytes
) -> None:
    waiting = [send(data) for _ in range(MANY)]
    assert waiting
    assert max(seconds(copr) for _ in range(3)) < soon


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


@pytest.mark.parametrize(
    "first",
    [
        *(b"\x16\x03\x01\x02\x00\x01", b"\x00", b"\r\n\x80", b" GET", b"{}"),
        get("http://[::1/"),
        get("/", f"Content-Length: {'9' * 5000}"),
    ],
)
def test_what_is_not_http_is_answered_at_once(send: Callable[[bytes], socket.socket], first: bytes) -> None:
    with send(first) as connection:
        connection.settimeout(5)
        assert re.match(b"HTTP/1.[01] 400 ", connection.recv(65536))


def test_an_exception_of_the_application_is_a_response(tmp_path: Path) -> None:
    def fails(environ: Any, start_response: Any) -> Any:
        raise RuntimeError

    listener = server.bind("127.0.0.1", 0)
    running = server.HttpServer(
        fails, listener, tmp_path, Faults(), lambda *_headers: False, lambda *_request: "one"
    )
    running.start()
    try:
        for _ in range(2):
            assert requests.get(server.url(listener), timeout=60).status_code == 500
    finally:
        running.stop()


def test_many_idle_connections_stop_nobody(
    copr: LocalCopr, send: Callable[[bytes], socket.socket], soon: float
) -> None:
    idle = [send(b"") for _ in range(IDLE)]
    assert seconds(copr) < 2 * soon  # the accepted connections come first
    assert max(seconds(copr) for _ in range(3)) < soon
    assert len(idle) == IDLE


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, Path]]:
    """Serve large responses with a small backlog: the port, and the folder where responses are stored."""
    monkeypatch.setattr(server, "LARGEST_BACKLOG", 3 * LARGE)
    listener = server.bind("127.0.0.1", 0)
    port = listener.getsockname()[1]

    def application(environ: Any, start_response: Any) -> Any:
        size = int(environ["QUERY_STRING"] or 1)
        start_response("200 OK", [("Content-Length", str(size))])
        return (b"x" * min(65536, size - at) for at in range(0, size, 65536))

    folder = tmp_path / "incoming"
    folder.mkdir()
    running = server.HttpServer(application, listener, folder, Faults(), lambda *_: True, lambda *_: "one")
    running.start()
    yield port, folder
    running.stop()


def stored(folder: Path) -> int:
    """Return the bytes in the temporary files of a folder, which have no names."""
    size = 0
    for file in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # it is closed by now
            if os.readlink(file).startswith(f"{folder}/"):
                size += file.stat().st_size
    return size


def test_responses_that_nobody_reads_have_a_limit(large: tuple[int, Path]) -> None:
    port, folder = large
    with ExitStack() as stack:
        clients = []
        for _ in range(8):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
            client.sendall(get(f"/?{LARGE}"))
            clients.append(client)
        whole = get("/?7", "Connection: close")
        other = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=60))
        other.sendall(whole)
        assert other.makefile("rb").read().endswith(b"xxxxxxx"), "others are answered meanwhile"
        received = [len(client.makefile("rb").read(LARGE)) for client in clients]
    assert 0 < sum(size == LARGE for size in received) < len(clients), "the largest were closed"
    assert stored(folder) <= 3 * LARGE


def test_a_connection_keeps_nothing_of_a_response_that_was_sent(large: tuple[int, Path]) -> None:
    port, folder = large
    sizes = set()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(5):
        connection.request("GET", f"/?{LARGE}")
        response = connection.getresponse()
        sizes.add(len(response.read()))
        connection.request("GET", "/?1")
        assert connection.getresponse().read() == b"x"
        assert stored(folder) == 0
    connection.close()
    assert sizes == {LARGE}, "the same connection sent more than the limit"


@pytest.mark.parametrize(
    ("most", "answered"),
    [(0.0, {"/stays", "/posted"}), (60.0, {"/stays", "/posted", "/left", "/half"})],
    ids=["long", "short"],
)
def test_clients_that_gave_up_are_not_worked_for_after_a_long_wait(
    tmp_path: Path, api_class: type[Any], monkeypatch: pytest.MonkeyPatch, most: float, answered: set[str]
) -> None:
    monkeypatch.setattr(connection, "LONG", most)
    asked: list[str] = []
    may_go_on = threading.Event()

    def application(environ: Any, start_response: Any) -> list[bytes]:
        asked.append(environ["PATH_INFO"])
        if environ["PATH_INFO"] == "/held":
            may_go_on.wait(60)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    listener = server.bind("127.0.0.1", 0)
    service = server.HttpServer(application, listener, tmp_path, Faults(), lambda *_: True, lambda *_: "many")
    service.start()

    def client(path: str, method: bytes = b"GET") -> socket.socket:
        opened = stack.enter_context(socket.create_connection(listener.getsockname(), timeout=60))
        opened.sendall(get(path, "Connection: close").replace(b"GET", method))
        return opened

    def received(connection: socket.socket) -> bytes:
        return connection.makefile("rb").read()

    try:
        with ExitStack() as stack:
            for number in range(THREADS["many"]):
                client("/held")
                api_class.until(lambda number=number: len(asked) == number + 1)
            client("/left").close()
            client("/posted", b"POST").close()
            half, stays = client("/half"), client("/stays")
            half.shutdown(socket.SHUT_WR)
            may_go_on.set()
            assert received(stays).endswith(b"done")
            for _ in range(2):  # the second one arrives after all that was sent before the first one
                assert received(client("/last")).endswith(b"done")
            api_class.until(lambda: answered <= set(asked))
            assert set(asked) - {"/held", "/last"} == answered
            assert received(half).endswith(b"done") == ("/half" in answered)
    finally:
        service.stop()
        listener.close()


def test_there_is_always_room_for_new_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_most_connections", lambda: 4)
    with LocalCopr(builders=0) as small, ExitStack() as stack:
        address = urlsplit(small.url)
        first, *_others = [
            stack.enter_context(socket.create_connection((address.hostname, address.port), timeout=20))
            for _ in range(10 + server.ACCEPTED)
        ]
        assert seconds(small) < 4 * SOON
        assert first.recv(1) == b"", "it was idle for longest"


def test_a_client_that_reads_nothing_is_dropped_at_last(
    tmp_path: Path, api_class: type[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def application(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Length", str(LARGE))])
        return [bytes(LARGE)]

    monkeypatch.setattr(server, "LONGEST_IDLE", 0.2)
    monkeypatch.setattr(server, "CHECK", 0.1)
    listener = server.bind("127.0.0.1", 0)
    service = server.HttpServer(
        application, listener, tmp_path, Faults(), lambda *_headers: True, lambda *_request: "some"
    )
    service.start()
    try:
        with socket.create_connection(listener.getsockname(), timeout=20) as reader:
            reader.sendall(get("/"))
            channels = service._server.active_channels
            api_class.until(lambda: any(channel.total_outbufs_len for channel in channels.values()))
            api_class.until(lambda: not channels)
            assert len(b"".join(iter(lambda: reader.recv(1024**2), b""))) < LARGE
    finally:
        service.stop()
        listener.close()


@pytest.fixture
def crowded(copr: LocalCopr, api: Any) -> LocalCopr:
    """Return a local Copr with a project of many builds; clients that ask for all are served slowly."""
    api.project()
    row = {"project_id": 1, "dir_id": 1, "user_id": 1, "state": "failed", "submitted_on": 1, "timeout": 1}
    row |= {"source_type": "link", "source": {"url": "x" * 1000 + ".spec"}, "source_state": "failed"}
    for first in range(1, BUILDS + 1, 500):  # a database ends a transaction that takes too long
        with copr.database.writing() as tx:
            tx.session.execute(insert(Build), [{"id": each, **row} for each in range(first, first + 500)])
    return copr


@pytest.mark.parametrize(
    "path",
    [
        "/api_3/build/list?ownername=local&projectname=hello",
        "/api_3/monitor?ownername=local&projectname=hello",
        f"/api_3/project/search?query={'a%25b+' * 20}",
        "/coprs/local/hello/builds/",
        "/coprs/local/hello/build/7/",
        f"/api_3/build/list?ownername=local&projectname=hello&limit=100&offset={BUILDS - 100}",
    ],
    ids=["all", "monitor", "search", "page", "page of one", "end"],
)
def test_who_asks_for_all_stops_nobody(
    crowded: LocalCopr, send: Callable[[bytes], socket.socket], soon: float, path: str
) -> None:
    waiting = [send(get(path) * 5) for _ in range(MANY)]
    assert waiting
    assert max(seconds(crowded, f"/api_3/build/{number}") for number in range(1, 6)) < soon


def test_who_deletes_many_builds_stops_nobody(
    crowded: LocalCopr, api: Any, send: Callable[[bytes], socket.socket], soon: float
) -> None:
    login = base64.b64encode("{login}:{token}".format_map(crowded.config).encode()).decode()
    for first in range(0, BUILDS // 2, 250):
        body = json.dumps({"builds": list(range(first + 1, first + 251))}).encode()
        head = f"DELETE /api_3/build/delete/list HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {login}\r\n"
        send(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    assert max(seconds(crowded, f"/api_3/build/{BUILDS - number}") for number in range(5)) < soon
    writes = [api.call("POST", "/build/create/url", {**PROJECT, "pkgs": ["http://a/b.spec"]}) for _ in "ab"]
    assert writes, "others write meanwhile"


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api_3/build/7", "one"),
        ("GET", "/api_3/build-chroot/7/fedora-45-x86_64", "one"),
        ("GET", "/api_3/build/built-packages/7", "one"),
        ("GET", "/api/coprs/build_status/7/", "one"),
        ("GET", "/api_2/builds/7", "one"),
        ("GET", FILE, "one"),
        ("GET", "/results/local/hello/list", "one"),
        ("GET", "/coprs/local/hello/repo/fedora-45/hello.repo", "one"),
        ("GET", "/results/local/hello/fedora-45-x86_64/", "many"),
        ("GET", "/api_3/build/list", "many"),
        ("GET", "/api_3/build/list/", "many"),
        ("GET", "/api_3/project/search", "many"),
        ("GET", "/api/coprs/search/x/", "many"),
        ("GET", "/api/coprs/local/hello/monitor/", "many"),
        ("GET", "/coprs/local/hello/packages/", "many"),
        ("DELETE", "/api_3/project/delete/local/hello", "many"),
        ("DELETE", "/api_3/build/delete/list", "many"),
        ("DELETE", "/api_2/builds/7", "some"),
        ("POST", "/api_3/build/create/url", "some"),
        ("GET", "/coprs/local/hello/build/7/", "some"),
        ("GET", "/", "some"),
        ("GET", "/nope", "some"),
    ],
)
def test_requests_have_threads_by_what_they_cost(method: str, path: str, expected: str) -> None:
    assert lane(method, path) == expected
