"""TLS connections: trusted as the environment says, or refused with a reason."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from copr.v3 import AsyncClient, Client, CoprConnectionException, Policy

pytestmark = pytest.mark.usefixtures("either_transport")


def blocking(url, **policy):
    return Client({"copr_url": url}, policy=Policy(**policy)).base_proxy.home()


def awaiting(url, **policy):
    async def main():
        async with AsyncClient({"copr_url": url}, policy=Policy(**policy)) as client:
            return await client.base_proxy.home()

    return asyncio.run(main())


@pytest.fixture(params=[blocking, awaiting])
def ask(request):
    return request.param


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(secure, ask):
    url, _ = secure
    with pytest.raises(CoprConnectionException, match="certificate") as caught:
        ask(url, attempts=4, pause=30)
    assert caught.value.hopeless
    assert "REQUESTS_CA_BUNDLE" in str(caught.value)


def test_the_environment_names_the_authorities(secure, ask, monkeypatch):
    url, certificate = secure
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert ask(url, attempts=1) == {}


def test_many_calls_take_one_handshake(secure, stub, monkeypatch):
    url, certificate = secure
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    client = Client({"copr_url": url})
    for _ in range(20):
        client.base_proxy.home()
    assert stub.connections == 1


def test_a_line_that_is_garbled_after_the_request_leaves_it_unclear_whether_it_arrived(
    secure, stub, monkeypatch
):
    url, certificate = secure
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    def garble(handler):
        raw = socket.socket(fileno=os.dup(handler.connection.fileno()))
        with raw:
            raw.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
        handler.close_connection = True

    stub.answers = [garble]
    client = Client({"copr_url": url, "login": "lo", "token": "to"}, policy=Policy(attempts=3, pause=0))
    with pytest.raises(CoprConnectionException) as caught:
        client.project_proxy.delete("alice", "hello")
    assert not caught.value.unsent
    assert len(stub.requests) == 1
