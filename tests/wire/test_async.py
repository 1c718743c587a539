"""The async client has every name of the blocking one, and sends the same requests."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import socket
import time

import pytest
from stub import paged

from copr import v3
from copr.v3 import (
    AsyncClient,
    Client,
    CoprAuthException,
    CoprConnectionException,
    CoprException,
    CoprNoResultException,
    CoprTimeoutException,
    CoprUnknownResponseException,
    Policy,
    aio,
)

#: A test with both async transports.
either = pytest.mark.usefixtures("either_transport")

PROXIES = sorted(name for name in v3.__all__ if name.endswith("Proxy"))


def public(kind):
    return {name for name in dir(kind) if not name.startswith("_")}


@pytest.mark.parametrize("name", PROXIES)
def test_every_proxy_has_an_async_twin_with_the_same_methods(name):
    blocking, awaited = getattr(v3, name), getattr(aio, f"Async{name}")
    assert public(awaited) - {"close"} == public(blocking)
    for method in public(blocking):
        one, other = getattr(blocking, method), getattr(awaited, method)
        if inspect.isfunction(one):
            assert inspect.iscoroutinefunction(other), method
            assert list(inspect.signature(one).parameters.values()) == list(
                inspect.signature(other).parameters.values()
            )


def test_the_async_client_has_the_same_proxies():
    config = {"copr_url": "http://127.0.0.1"}
    blocking, awaited = vars(Client(config)), vars(AsyncClient(config))
    assert set(awaited) == set(blocking)
    for name in [name for name in blocking if name.endswith("_proxy")]:
        proxy = blocking[name]
        assert type(awaited[name]).__name__ == f"Async{type(proxy).__name__}"


@pytest.mark.parametrize("name", ["wait", "next_page", "all_pages", "unlimited"])
def test_the_helpers_have_the_same_parameters(name):
    assert [*inspect.signature(getattr(aio, name)).parameters] == [
        *inspect.signature(getattr(v3, name)).parameters
    ]


def ask(stub, question, **policy):
    """Return what an async client gets, in an event loop of its own."""

    async def main():
        config = {"copr_url": stub if isinstance(stub, str) else stub.url, "login": "lo", "token": "to"}
        async with AsyncClient(config, policy=Policy(**{"attempts": 1, **policy})) as client:
            return await question(client)

    return asyncio.run(main())


@either
def test_a_record_comes_back(stub):
    stub.answers = [(200, {}, b'{"id": 5, "source_package": {"name": "hello"}}')]
    build = ask(stub, lambda client: client.build_proxy.get(5))
    assert build.source_package.name == "hello"
    assert build.__response__.status == 200
    assert stub.requests[0][:2] == ("GET", "/api_3/build/5")
    assert "Authorization" not in stub.requests[0][2]


def test_paths_and_queries_are_the_blocking_clients(stub, client):
    def questions(proxies):
        return [
            lambda: proxies.project_proxy.add("@devs", "a b/../c?#", ["x"], exist_ok=True),
            lambda: proxies.project_proxy.delete("álice", "a/b%2F"),
            lambda: proxies.monitor_proxy.monitor("o", "p", additional_fields=["url_build", "x y"]),
            lambda: proxies.package_proxy.get("o", "p&x=1", "ü", with_latest_build=True),
            lambda: proxies.project_chroot_proxy.edit("o", "p", "c", with_opts=["x"]),
            lambda: proxies.build_proxy.cancel(5),
        ]

    for question in questions(client):
        question()
    blocking = [(method, path, _document(body)) for method, path, _, body in stub.requests]
    stub.requests.clear()

    async def all_of_them(client):
        for question in questions(client):
            await question()

    ask(stub, all_of_them)
    assert [(method, path, _document(body)) for method, path, _, body in stub.requests] == blocking


def _document(body):
    return body[body.index(b"{") : body.rindex(b"}") + 1] if b"{" in body else body


@either
def test_errors_are_the_blocking_clients(stub):
    stub.answers = [(404, {}, b'{"error": "Build 5 does not exist."}')]
    with pytest.raises(CoprNoResultException) as caught:
        ask(stub, lambda client: client.build_proxy.get(5))
    assert str(caught.value) == "Build 5 does not exist."
    stub.answers = [(200, {}, b"<html>")]
    with pytest.raises(CoprUnknownResponseException, match="its body is not JSON"):
        ask(stub, lambda client: client.build_proxy.get(5))


@either
def test_no_service_is_a_connection_error():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(CoprConnectionException) as caught:
        ask(url, lambda client: client.base_proxy.home())
    assert str(caught.value).startswith(f"Unable to connect to {url}/api_3/. Connection refused.")
    assert caught.value.unsent
    assert caught.value.__cause__ is not None


@either
def test_a_broken_connection_is_a_connection_error(stub):
    stub.answers = [lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)]
    with pytest.raises(CoprConnectionException, match="Unable to connect"):
        ask(stub, lambda client: client.base_proxy.home())


@either
def test_silence_is_a_timeout(stub):
    stub.answers = [lambda handler: handler.rfile.read(1)]
    with pytest.raises(CoprTimeoutException, match=r"within 0\.2 seconds"):
        ask(stub, lambda client: client.base_proxy.home(), read=0.2)


@either
def test_a_drip_is_a_timeout(stub):
    def drip(handler):
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with contextlib.suppress(OSError):
            for _ in range(200):
                handler.wfile.write(b"{")
                time.sleep(0.05)

    stub.answers = [drip]
    began = time.monotonic()
    with pytest.raises(CoprTimeoutException, match=r"within 0\.3 seconds"):
        ask(stub, lambda client: client.base_proxy.home(), answer=0.3, connect=0.1)
    assert time.monotonic() - began < 3


@either
def test_login_is_sent_where_it_is_needed(stub):
    ask(stub, lambda client: client.base_proxy.auth_check())
    assert stub.requests[0][2]["Authorization"].startswith("Basic ")


def test_without_credentials_nothing_is_sent(stub):
    async def main():
        async with AsyncClient({"copr_url": stub.url}) as client:
            await client.base_proxy.auth_check()

    with pytest.raises(CoprAuthException, match="/api"):
        asyncio.run(main())
    assert stub.requests == []


def test_an_upload_arrives_as_it_is_on_disk(stub, tmp_path):
    srpm = tmp_path / "hello.src.rpm"
    srpm.write_bytes(bytes(range(256)) * 5000)
    seen = []
    options = {"progress_callback": lambda monitor: seen.append((monitor.bytes_read, monitor.len))}
    ask(stub, lambda client: client.build_proxy.create_from_file("o", "p", srpm, buildopts=options))
    [(method, path, headers, body)] = stub.requests
    assert (method, path) == ("POST", "/api_3/build/create/upload")
    assert int(headers["Content-Length"]) == len(body)
    assert srpm.read_bytes() in body
    assert seen[-1] == (len(body), len(body))


@either
def test_many_builds_come_in_their_order(stub):
    def build(handler):
        body = json.dumps({"id": int(handler.path.rsplit("/", 1)[1])}).encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    stub.answers = [build]
    builds = ask(stub, lambda client: client.build_proxy.get_many(range(40), at_once=8))
    assert [build.id for build in builds] == list(range(40))
    assert stub.connections <= 8
    assert builds[3].__proxy__ is not None


def test_a_failed_one_of_many_is_raised(stub):
    stub.answers = [(200, {}, b"{}"), (404, {}, b'{"error": "No."}')]
    with pytest.raises(CoprException, match="No"):
        ask(stub, lambda client: client.build_proxy.get_many(range(20)))


@either
def test_no_cookie_is_kept(stub):
    stub.answers = [(200, {"Set-Cookie": "session=abc; Path=/"}, b"{}")]

    async def twice(client):
        await client.base_proxy.home()
        await client.base_proxy.home()

    ask(stub, twice)
    assert "Cookie" not in stub.requests[1][2]
    assert stub.connections == 1


@pytest.mark.parametrize("connections", [1, 4])
def test_a_listing_is_read_in_order_and_its_items_know_their_proxy(stub, connections):
    paged(stub, 1000)

    async def read(client):
        page = await client.build_proxy.get_list("o", "p", pagination={"limit": 100})
        builds = [build async for build in aio.unlimited(page, connections=connections)]
        assert builds[-1].__proxy__ is client.build_proxy
        assert await aio.all_pages(page) == builds
        following = await aio.next_page(page)
        assert following.__proxy__ is client.build_proxy
        return builds, following

    builds, following = ask(stub, read)
    assert [build.id for build in builds] == list(range(1000))
    assert [build.id for build in following] == list(range(100, 200))
    assert stub.connections <= connections + 1


def test_the_last_page_and_one_without_a_limit_have_no_next_page(stub):
    paged(stub, 7)

    async def read(client):
        page = await client.build_proxy.get_list("o", "p")
        assert [build.id async for build in aio.unlimited(page)] == list(range(7))
        return await aio.next_page(page)

    assert ask(stub, read) == []


@either
def test_reading_may_be_left_early_and_leaves_no_request_behind(stub):
    paged(stub, 1000)

    async def read(client):
        page = await client.build_proxy.get_list("o", "p", pagination={"limit": 10})
        builds = aio.unlimited(page, connections=4)
        assert (await anext(builds)).id == 0
        await builds.aclose()
        await asyncio.sleep(0)
        return [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    assert ask(stub, read) == []
    assert len(stub.requests) < 10


def test_a_page_that_cannot_be_had_ends_the_reading(stub):
    paged(stub, 1000)
    (listing,) = stub.answers
    stub.answers = [listing, listing, (404, {}, b'{"error": "No."}')]

    async def read(client):
        page = await client.build_proxy.get_list("o", "p", pagination={"limit": 10})
        return [build.id async for build in aio.unlimited(page)]

    with pytest.raises(CoprNoResultException, match="No"):
        ask(stub, read)


@either
@pytest.mark.parametrize("scheme", ["http", pytest.param("https", marks=pytest.mark.programs)])
def test_a_connection_that_was_closed_while_the_loop_was_blocked_is_not_used(
    scheme, stub, request, monkeypatch
):
    url = stub.url
    if scheme == "https":
        url, certificate = request.getfixturevalue("secure")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    def answer_and_close_soon(handler):
        handler.connection.settimeout(0.05)
        handler.send_response(200)
        handler.send_header("Content-Length", "9")
        handler.end_headers()
        handler.wfile.write(b'{"id": 5}')

    stub.answers = [answer_and_close_soon]

    async def main():
        config = {"copr_url": url, "login": "lo", "token": "to"}
        async with AsyncClient(config, policy=Policy(attempts=1)) as client:
            for _ in range(3):
                await client.build_proxy.get(5)
                time.sleep(0.3)
                await client.build_proxy.create_from_scm("alice", "p", "https://example.com/hello.git")
                time.sleep(1.1)

    asyncio.run(main())
    assert [method for method, *_ in stub.requests] == ["GET", "POST"] * 3
    assert stub.connections == 6
