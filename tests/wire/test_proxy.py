"""Requests go through the environment's proxy, with its login; no error shows the login."""

from __future__ import annotations

import asyncio
import socket
import traceback

import pytest
from proxy import PASSWORD, USER, serving_proxy

from copr.v3 import AsyncClient, Client, CoprConnectionException, CoprRequestException, Policy


@pytest.fixture
def proxy():
    with serving_proxy() as server:
        yield server


@pytest.fixture
def through(monkeypatch):
    """A function that sets the proxy in the environment."""

    def through(port, login=f"{USER}:{PASSWORD}"):
        for name in ("http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://{login}@127.0.0.1:{port}")

    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    return through


def blocking(url):
    return Client({"copr_url": url}, policy=Policy(attempts=1)).build_proxy.get(5)


def awaiting(url):
    async def main():
        async with AsyncClient({"copr_url": url}, policy=Policy(attempts=1)) as client:
            return await client.build_proxy.get(5)

    return asyncio.run(main())


@pytest.fixture(params=[blocking, awaiting])
def ask(request):
    return request.param


def test_a_request_is_handed_to_the_proxy(stub, proxy, through, ask):
    through(proxy.server_port)
    stub.answers = [(200, {}, b'{"id": 5}')]
    assert ask(stub.url).id == 5
    assert proxy.asked == [("GET", f"{stub.url}/api_3/build/5")]


def test_an_encrypted_connection_goes_through_a_tunnel(secure, stub, proxy, through, ask, monkeypatch):
    url, certificate = secure
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    through(proxy.server_port)
    stub.answers = [(200, {}, b'{"id": 5}')]
    assert ask(url).id == 5
    assert proxy.asked == [("CONNECT", url.removeprefix("https://"))]


def test_no_proxy_means_none(stub, proxy, through, ask, monkeypatch):
    through(proxy.server_port)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    ask(stub.url)
    assert proxy.asked == []


def test_a_tunnel_that_the_proxy_refuses_is_its_fault_and_nothing_was_sent(proxy, through, ask):
    through(proxy.server_port, "proxy-user:wrong-pass")
    with pytest.raises(CoprConnectionException, match=r"407.* Check the proxy") as caught:
        ask("https://copr.test")
    assert caught.value.unsent
    assert "wrong-pass" not in "".join(traceback.format_exception(caught.value))


def test_a_request_that_the_proxy_refuses_says_so(proxy, through, ask):
    through(proxy.server_port, "proxy-user:wrong-pass")
    with pytest.raises(CoprRequestException, match=r"407.* Check the login of the proxy") as caught:
        ask("http://copr.test")
    assert "wrong-pass" not in "".join(traceback.format_exception(caught.value))


def test_a_proxy_that_is_not_there_is_named_as_what_to_check(through, ask):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        through(free.getsockname()[1])
        with pytest.raises(CoprConnectionException, match="Check the proxy") as caught:
            ask("http://copr.test")
    assert caught.value.unsent
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))
