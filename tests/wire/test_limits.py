"""A call takes no longer than its deadline, even while a body is sent or a file is received."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import threading
import time
import warnings

import pytest

from copr.v3 import AsyncClient, Client, CoprTimeoutException, Policy

pytestmark = pytest.mark.usefixtures("either_transport")


@pytest.fixture
def deaf_service():
    """A service that accepts connections and then reads nothing."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def blocking(url, policy, question):
    return question(Client({"copr_url": url, "login": "lo", "token": "to"}, policy=policy))


def awaiting(url, policy, question):
    async def main():
        async with AsyncClient({"copr_url": url, "login": "lo", "token": "to"}, policy=policy) as client:
            return await question(client)

    return asyncio.run(main())


@pytest.fixture(params=[blocking, awaiting])
def ask(request):
    with warnings.catch_warnings():
        # The event loop is closed while it still has bytes that the service does not read.
        warnings.simplefilter("ignore", ResourceWarning)
        yield request.param
        gc.collect()


def test_an_upload_that_nobody_takes_ends_in_time_and_was_surely_not_sent(deaf_service, ask, tmp_path):
    srpm = tmp_path / "hello.src.rpm"
    srpm.write_bytes(bytes(20_000_000))
    began = time.monotonic()
    with pytest.raises(CoprTimeoutException, match=r"within 0\.\d+ seconds") as caught:
        ask(
            deaf_service,
            Policy(deadline=0.5),
            lambda client: client.build_proxy.create_from_file("o", "p", srpm),
        )
    assert caught.value.unsent
    assert time.monotonic() - began < 5


def test_a_file_that_drips_ends_in_time(stub, ask, tmp_path):
    over = threading.Event()

    def drip(handler):
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with contextlib.suppress(OSError):
            while not over.wait(0.05):
                handler.wfile.write(b"x")

    stub.answers = [drip]
    began = time.monotonic()
    with pytest.raises(CoprTimeoutException, match=r"within 0\.\d+ seconds"):
        ask(
            stub.url,
            Policy(deadline=0.5, attempts=1),
            lambda client: client.base_proxy.download(f"{stub.url}/file", tmp_path / "file"),
        )
    over.set()
    assert time.monotonic() - began < 5


def test_a_file_takes_what_time_it_needs_where_no_deadline_is_set(stub, ask, tmp_path):
    def slowly(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
        for _ in range(10):
            time.sleep(0.05)
            handler.wfile.write(b"x")

    stub.answers = [slowly]
    path = tmp_path / "file"
    ask(
        stub.url,
        Policy(answer=0.2, attempts=1),
        lambda client: client.base_proxy.download(f"{stub.url}/file", path),
    )
    assert path.read_bytes() == b"x" * 10
