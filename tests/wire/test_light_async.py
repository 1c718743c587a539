"""The light async transport and the one over aiohttp cannot be told apart: bytes, replies, errors, causes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from functools import cache

import pytest
from any_answers import ANSWERS, BODY, CALLS, GET, PLAIN, POLICY, SILENCES, Service, header, identity

from copr import _light_async
from copr._aiohttp import AiohttpTransport
from copr._async_common import trust
from copr._errors import CoprException
from copr._exchange_async import Exchange
from copr._handover_async import Handover
from copr._light_async import AsyncLightTransport, PlainReply
from copr._policy import Policy
from copr._wire import Call
from copr.v3 import AsyncClient, CoprAuthException, CoprConfigException

#: Loading the authorities takes longer than everything else here.
trust_once = cache(trust)


@pytest.fixture(autouse=True)
def always_possible(monkeypatch):
    monkeypatch.setattr(_light_async, "is_possible", lambda: True)
    monkeypatch.setattr("copr._aiohttp.trust", trust_once)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def carry_out(kind, calls, answers, policy):
    """Return what came of the calls, and what the service saw, without its port."""

    async def main(url):
        transport = kind(f"{url}/api_3/", identity, policy)
        found = []
        for call in calls:
            try:
                reply = await transport(call)
            except CoprException as error:
                found.append(described(error))
            else:
                found.append([reply.status, reply.reason, reply.url, reply.body, repr(reply)])
                found.append([*reply.headers.items(), type(reply.headers), reply.origin is reply])
        await transport.close()
        return found

    with Service(answers) as service:
        found = asyncio.run(main(service.url))
        seen = b"".join(service.seen)
        port = service.url.rpartition(":")[2]
        return json.loads(json.dumps([found, seen], default=repr).replace(port, "PORT"))


def described(error):
    causes, cause = [], error
    while cause is not None:
        causes.append((type(cause).__module__, type(cause).__name__, str(cause)))
        cause = cause.__cause__ or cause.__context__
    return causes, (error.unsent, error.hopeless, error.method, error.url, error.status, error.__notes__)


def both(*what):
    return [carry_out(kind, *what) for kind in (AsyncLightTransport, AiohttpTransport)]


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_has_the_same_end(name):
    answers = [ANSWERS[name], [header() + BODY]]
    calls = [GET.with_login()] if ANSWERS[name][-1] in (None, "reset") else [GET, GET.with_login()]
    light, genuine = both(calls, answers, POLICY)
    assert light == genuine


@pytest.mark.parametrize(("policy", "answer"), SILENCES)
def test_each_silence_ends_in_the_same_way(policy, answer):
    # The time for the answer begins with connecting, so it has the seconds for that in addition.
    policy = Policy(attempts=1, connect=0.7, read=policy.read, answer=policy.answer)
    call = Call("POST", "/build/create", json={"a": 1}, decode=GET.decode)
    light, genuine = both([call.within(30)], [answer], policy)
    assert light == genuine


@pytest.mark.parametrize("name", CALLS)
def test_the_same_bytes_are_sent(name):
    light, genuine = both([CALLS[name]], [ANSWERS["plain"]], POLICY)
    assert light == genuine


def test_a_body_that_is_lost_after_megabytes_has_the_same_end():
    answer = [header(length=9_000_000), *[bytes(1_000_000)] * 8, None]
    light, genuine = both([GET], [answer], POLICY)
    assert light == genuine


def with_transport(service, question, policy=POLICY):
    async def main():
        transport = AsyncLightTransport(f"{service.url}/api_3/", identity, policy)
        try:
            return await question(transport)
        finally:
            await transport.close()

    return asyncio.run(main())


@pytest.mark.parametrize("name", PLAIN)
def test_plain_answers_need_no_aiohttp(name):
    async def ask(transport):
        return type(await transport(GET)), transport._by_aiohttp

    with Service([ANSWERS[name]]) as service:
        assert with_transport(service, ask) == (PlainReply, None)


def test_no_more_than_64_connections_are_open_and_all_are_used_again():
    async def ask(transport):
        for _ in range(2):
            await asyncio.gather(*(transport(GET) for _ in range(80)))

    with Service([ANSWERS["plain"]] * 160) as service:
        with_transport(service, ask)
        assert len(service.seen) <= 64
        assert sum(seen.count(b"GET ") for seen in service.seen) == 160


def test_a_call_that_is_cancelled_closes_its_connection():
    async def ask(transport):
        waiting = asyncio.ensure_future(transport(GET))
        while not service.seen:
            await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return transport._service._kept, (await transport(GET)).status

    with Service([["silence"], ANSWERS["plain"]]) as service:
        assert with_transport(service, ask) == ([], 200)
        assert len(service.seen) == 2


def test_a_client_in_two_event_loops_is_refused_until_the_first_has_ended():
    with Service([ANSWERS["plain"]] * 2) as service:
        client = AsyncClient({"copr_url": service.url}, policy=POLICY)

        async def ask(*, close):
            found = (await client.build_proxy.get(5)).id
            if close:
                await client.close()
            return found

        first = asyncio.new_event_loop()
        assert first.run_until_complete(ask(close=False)) == 5
        with pytest.raises(CoprException, match="another event loop"):
            asyncio.run(ask(close=True))
        first.run_until_complete(client.close())
        first.close()
        assert asyncio.run(ask(close=True)) == 5


def test_without_credentials_nothing_is_sent():
    async def ask():
        async with AsyncClient({"copr_url": service.url}) as client:
            await client.build_proxy.cancel(5)

    with Service([]) as service:
        with pytest.raises(CoprAuthException):
            asyncio.run(ask())
        assert service.seen == []


def test_it_is_not_possible_with_aiohttp(monkeypatch):
    monkeypatch.undo()
    assert not _light_async.is_possible()
    monkeypatch.delitem(sys.modules, "aiohttp")
    assert _light_async.is_possible()


def test_without_aiohttp_installed_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "copr._aiohttp")
    client = AsyncClient({"copr_url": "http://127.0.0.1:9"})
    with pytest.raises(CoprConfigException, match=r"copr\[async\]"):
        asyncio.run(client.build_proxy.get(5))


@pytest.mark.parametrize("name", ["http_proxy", "HTTPS_PROXY"])
def test_proxies_are_left_to_aiohttp(monkeypatch, name):
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert AsyncLightTransport("http://127.0.0.1:9/", identity, POLICY)._place is None


def test_the_time_that_the_light_transport_has_waited_counts_for_aiohttp():
    async def left(passed):
        exchange = Exchange(POLICY, None)
        exchange.began -= passed
        return Handover({}, exchange).left_of(5, 20)

    connect, read = asyncio.run(left(passed=4.5))
    assert 0 < connect <= 0.5
    assert read == 20
    assert asyncio.run(left(passed=5))[0] < 0.001


ONE_CALL = """
import asyncio, sys
from copr.v3 import AsyncClient

async def main():
    async with AsyncClient({"copr_url": sys.argv[1], "login": "x", "token": "y"}) as client:
        build = await client.build_proxy.get(5)
        assert not {"aiohttp", "requests", "http.client"} & set(sys.modules)
        assert "'__response__': <Reply 200 OK, 26 bytes>" in repr(build)
        import aiohttp
        from unittest import mock

        assert type(build.__response__.headers["X-Y"]) is str
        with mock.patch("aiohttp.ClientSession.request", side_effect=ZeroDivisionError):
            try:
                await client.build_proxy.get(6)
            except ZeroDivisionError:
                print("refused")

asyncio.run(main())
"""


def test_a_program_without_aiohttp_has_mocks_of_it_called_as_soon_as_it_imports_it():
    with Service([ANSWERS["plain"]]) as service:
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", ONE_CALL, service.url],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == ("refused\n", "")
        assert len(service.seen) == 1


@pytest.mark.programs
def test_tls_is_carried_out_without_aiohttp(secure, stub, monkeypatch):
    url, certificate = secure
    stub.answers = [(200, {}, b'{"id": 5}')]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    async def ask():
        async with AsyncClient({"copr_url": url}) as client:
            found = [(await client.build_proxy.get(5)).id for _ in range(2)]
            return found, client.base_proxy._connection.transport()._by_aiohttp

    assert asyncio.run(ask()) == ([5, 5], None)
    assert stub.connections == 1


def test_authorities_may_be_a_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    assert trust().get_ca_certs() == []
