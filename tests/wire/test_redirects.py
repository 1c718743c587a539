"""Redirects and wrong host names are errors that say where they led."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

import pytest
from stub import serving

from copr import _light, _light_async
from copr.v3 import AsyncClient, Client, CoprConnectionException, CoprException, Policy


def blocking(url, question):
    client = Client({"copr_url": url, "login": "lo", "token": "se:cret"}, policy=Policy(attempts=3, pause=0))
    return question(client)


def light(url, question):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_light, "is_possible", lambda: True)
        return blocking(url, question)


def awaiting(url, question):
    async def main():
        config = {"copr_url": url, "login": "lo", "token": "se:cret"}
        async with AsyncClient(config, policy=Policy(attempts=3, pause=0)) as client:
            return await question(client)

    return asyncio.run(main())


def light_awaiting(url, question):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_light_async, "is_possible", lambda: True)
        return awaiting(url, question)


pytestmark = pytest.mark.parametrize("ask", [blocking, light, awaiting, light_awaiting])


@pytest.fixture
def elsewhere():
    """A second service, at another origin."""
    with serving() as server:
        yield server


def redirect(location, status=HTTPStatus.FOUND):
    return (int(status), {"Location": location}, b"")


def test_a_read_follows_a_redirect_and_takes_no_login_along(ask, stub, elsewhere):
    stub.answers = [redirect(f"{elsewhere.url}/api_3/build/5")]
    elsewhere.answers = [(200, {}, b'{"id": 5}')]
    assert ask(stub.url, lambda client: client.build_proxy.get(5)).id == 5
    [(_, path, headers, _)] = elsewhere.requests
    assert path == "/api_3/build/5"
    assert "Authorization" not in headers
    assert "Cookie" not in headers


def test_a_loop_of_redirects_ends_as_an_error_and_is_not_tried_again(ask, stub):
    stub.answers = [redirect("/api_3/build/5")]
    with pytest.raises(CoprConnectionException, match=r"(?i)redirects") as caught:
        ask(stub.url, lambda client: client.build_proxy.get(5))
    assert caught.value.url == f"{stub.url}/api_3/build/5"
    assert len(stub.requests) < 40


@pytest.mark.parametrize("location", ["ftp://127.0.0.1/x", "file:///etc/passwd", "http://["])
def test_a_redirect_to_what_is_no_web_address_is_an_error(ask, stub, location):
    stub.answers = [redirect(location)]
    with pytest.raises(CoprException) as caught:
        ask(stub.url, lambda client: client.build_proxy.get(5))
    assert f"{stub.url}/api_3/build/5" in caught.value.url
    assert len(stub.requests) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_submission_is_an_error_that_names_where_to(ask, stub, elsewhere, status):
    stub.answers = [redirect(f"{elsewhere.url}/api_3/build/create/url", status)]
    with pytest.raises(CoprException, match=r"Set copr_url to its URL") as caught:
        ask(
            stub.url,
            lambda client: client.build_proxy.create_from_url(
                "alice", "hello", "http://example.test/a.src.rpm"
            ),
        )
    assert caught.value.status == status
    assert elsewhere.url in str(caught.value)
    assert not elsewhere.requests


def test_a_redirect_to_a_page_is_not_mistaken_for_the_api(ask, stub):
    stub.answers = [redirect("/login"), (200, {"Content-Type": "text/html"}, b"<html>Log in</html>")]
    with pytest.raises(CoprException, match=r"/login was answered 200 OK, but its body is not JSON"):
        ask(stub.url, lambda client: client.build_proxy.get(5))


def test_an_unknown_host_is_named(ask):
    with pytest.raises(
        CoprConnectionException, match=r"Unable to connect to https://copr.invalid/api_3/\."
    ) as caught:
        ask("https://copr.invalid", lambda client: client.base_proxy.home())
    assert caught.value.__cause__ is not None
