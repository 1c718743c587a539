"""An upload over a slow line does not time out while bytes move, however short the connect timeout."""

from __future__ import annotations

import asyncio
import socket
import threading
import time

import pytest

from copr.v3 import AsyncClient, Client, Policy

RATE = 400_000
SIZE = 1_200_000


@pytest.fixture
def slow_service():
    """A service that reads RATE bytes per second, and responds when it has the whole body."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    over = threading.Event()
    took = []

    def serve():
        connection, _ = listener.accept()
        with connection:
            began, received, body_at, length = time.monotonic(), b"", None, 0
            while not over.is_set() and (body_at is None or len(received) < body_at + length):
                received += connection.recv(20_000)
                time.sleep(20_000 / RATE)
                if body_at is None and b"\r\n\r\n" in received:
                    body_at = received.index(b"\r\n\r\n") + 4
                    length = int(received.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            took.append((time.monotonic() - began, received[body_at:]))
            connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"id": 5}')

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", took
    over.set()
    thread.join()
    listener.close()


def blocking(config, policy, path):
    return Client(config, policy=policy).build_proxy.create_from_file("o", "p", path)


def awaiting(config, policy, path):
    async def main():
        async with AsyncClient(config, policy=policy) as client:
            return await client.build_proxy.create_from_file("o", "p", path)

    return asyncio.run(main())


@pytest.mark.parametrize("submit", [blocking, awaiting])
def test_an_upload_lives_over_a_slow_line(slow_service, submit, tmp_path):
    url, took = slow_service
    srpm = tmp_path / "hello.src.rpm"
    srpm.write_bytes(bytes(range(256)) * (SIZE // 256))
    config = {"copr_url": url, "login": "lo", "token": "to"}
    assert submit(config, Policy(attempts=1, connect=0.5, read=10), srpm).id == 5
    [(seconds, body)] = took
    assert seconds > 2
    assert srpm.read_bytes() in body
