"""The light transport and the one over `requests` cannot be told apart: bytes, replies, errors and causes."""

from __future__ import annotations

import json
import logging
import os
import ssl
import subprocess
import sys

import pytest
import requests
from any_answers import ANSWERS, BODY, CALLS, GET, PLAIN, POLICY, SILENCES, Service, header, identity
from urllib3.util.ssl_ import create_urllib3_context

from copr import _light
from copr._errors import CoprException
from copr._light import LightTransport
from copr._light_trust import trusting
from copr._plain import is_plain_value, place_of
from copr._requests import RequestsTransport
from copr._wire import Call, LateReply
from copr.v3 import Client


@pytest.fixture(autouse=True)
def always_possible(monkeypatch):
    monkeypatch.setattr(_light, "is_possible", lambda: True)
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def carry_out(kind, calls, answers, policy):
    """Return what came of the calls, and what the service saw, without its port."""
    found = []
    with Service(answers) as service:
        transport = kind(f"{service.url}/api_3/", identity, policy)
        port = service.url.rpartition(":")[2]
        for call in calls:
            try:
                reply = transport(call)
            except CoprException as error:
                found.append(described(error))
            else:
                response = reply.response
                found.append(
                    [
                        *(reply.status, reply.reason, reply.url, reply.body, reply.headers, type(response)),
                        *(response.content, response.url, response.headers, response.request.headers),
                        *(response.request.method, response.request.body, response.encoding, response.ok),
                        *([each.url for each in response.history], response.cookies, response.raw.version),
                    ]
                )
        transport.close()
        seen = b"".join(service.seen)
        return json.loads(json.dumps([found, seen], default=repr).replace(port, "PORT"))


def described(error):
    causes, cause = [], error
    while cause is not None:
        causes.append((type(cause).__module__, type(cause).__name__))
        cause = cause.__cause__ or cause.__context__
    notes = (error.unsent, error.hopeless, error.method, error.url, error.status, error.__notes__)
    return type(error).__name__, str(error), causes, notes, repr(error.__cause__.args[0])[:60]


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_has_the_same_end(name):
    answers = [ANSWERS[name], [header() + BODY]]
    # After a connection that the service closes, the next call would see that sooner or later.
    calls = [GET.with_login()] if ANSWERS[name][-1] in (None, "reset") else [GET, GET.with_login()]
    light, genuine = (carry_out(kind, calls, answers, POLICY) for kind in (LightTransport, RequestsTransport))
    assert light == genuine


@pytest.mark.parametrize("name", PLAIN)
def test_plain_answers_need_no_requests(name):
    with Service([ANSWERS[name]]) as service:
        transport = LightTransport(f"{service.url}/api_3/", identity, POLICY)
        assert type(transport(GET)) is LateReply
        assert transport._by_requests is None
        transport.close()


@pytest.mark.parametrize(("policy", "answer"), SILENCES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_silence_ends_in_the_same_way(policy, answer, method):
    call = Call(method, "/build/create", json=None if method == "GET" else {"a": 1}, decode=GET.decode)
    light, genuine = (
        carry_out(kind, [call.within(30)], [answer], policy) for kind in (LightTransport, RequestsTransport)
    )
    assert light == genuine


@pytest.mark.parametrize("name", CALLS)
def test_the_same_bytes_are_sent(name):
    light, genuine = (
        carry_out(kind, [CALLS[name]], [ANSWERS["plain"]], POLICY)
        for kind in (LightTransport, RequestsTransport)
    )
    assert light == genuine


def test_a_kept_connection_that_has_died_is_not_used():
    answers = [[header() + BODY, None], [header() + BODY]]
    with Service(answers) as service:
        transport = LightTransport(f"{service.url}/api_3/", identity, POLICY)
        assert type(transport(GET)) is LateReply
        [kept] = transport._service._kept
        assert kept.wait(1, 20), "the end of the connection has arrived"
        assert type(transport(Call("POST", "/x", decode=GET.decode))) is LateReply
        assert len(service.seen) == 2
        transport.close()


def run_python(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


ONE_CALL = """
import sys
from copr.v3 import Client

proxy = Client({"copr_url": sys.argv[1], "login": "x", "token": "y"}).build_proxy
build = proxy.get(5)
shown = repr(build)
assert not {"requests", "urllib3", "http.client"} & set(sys.modules)
assert "'__response__': <Response [200]>" in shown
response = build.__response__
import requests

assert type(response) is requests.Response
assert response.json()["id"] == 5
assert response is build["__response__"]

from unittest import mock

with mock.patch("requests.Session.send", side_effect=ZeroDivisionError):
    try:
        proxy.get(6)
    except ZeroDivisionError:
        print("refused")
"""


def test_a_program_without_an_http_library_gets_all_of_it_when_it_asks():
    with Service([ANSWERS["plain"]]) as service:
        assert run_python(ONE_CALL, service.url) == "refused\n"
        assert len(service.seen) == 1


def test_it_is_not_possible_with_an_http_library_or_its_log(monkeypatch):
    monkeypatch.undo()
    assert not _light.is_possible()
    for name in _light._LIBRARIES:
        monkeypatch.delitem(sys.modules, name)
    assert _light.is_possible()
    log = logging.getLogger("urllib3")
    before = log.level
    log.setLevel(logging.DEBUG)
    try:
        assert not _light.is_possible()
    finally:
        log.setLevel(before)
    monkeypatch.setitem(sys.modules, "urllib3", object())
    assert not _light.is_possible()


@pytest.mark.parametrize(
    "url",
    ["http://u@h/", "http://H/", "http://h:0/", "http://h:70000/", "http://[::1]/", "http://ü/", "ftp://h/"],
)
def test_unusual_urls_are_left_to_requests(url):
    assert place_of(url) is None


@pytest.mark.parametrize("name", ["http_proxy", "HTTPS_PROXY", "all_proxy"])
def test_proxies_are_left_to_requests(monkeypatch, name):
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert LightTransport("http://127.0.0.1:9/", identity, POLICY)._service is None


@pytest.mark.parametrize("agent", ["a\r\nb", "ü", "", " a"])
def test_unusual_headers_are_left_to_requests(agent):
    assert not is_plain_value(agent)


def test_the_tls_context_is_the_one_of_requests():
    ours, theirs = trusting(None), create_urllib3_context()
    theirs.load_verify_locations(requests.certs.where())
    names = [name for name in dir(ours) if not name.startswith("_") and not callable(getattr(ours, name))]
    assert "verify_flags" in names
    for name in names:
        assert getattr(ours, name) == getattr(theirs, name), name
    assert ours.get_ciphers() == theirs.get_ciphers()
    assert ours.cert_store_stats() == theirs.cert_store_stats()


def test_tls_is_carried_out_without_requests(secure, stub, monkeypatch):
    url, certificate = secure
    stub.answers = [(200, {}, b'{"id": 5}'), (404, {}, b'{"error": "none"}')]
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    proxy = Client({"copr_url": url}).build_proxy
    assert proxy.get(5).id == 5
    transport = proxy._connection.transport()
    assert transport._by_requests is None
    with pytest.raises(CoprException, match="none"):
        proxy.get(6)
    assert stub.connections == 1


def test_a_certificate_that_is_not_trusted_is_the_same_error(secure):
    url, _ = secure
    light, genuine = (described(error_of(kind, url)) for kind in (LightTransport, RequestsTransport))
    assert light[:4] == genuine[:4]
    assert any(name == "SSLCertVerificationError" for _, name in light[2])


def error_of(kind, url):
    with pytest.raises(CoprException) as raised:
        kind(f"{url}/api_3/", identity, POLICY)(GET)
    assert isinstance(raised.value.__cause__, requests.exceptions.SSLError)
    assert ssl.SSLCertVerificationError.__name__ in repr(raised.value.__cause__)
    return raised.value
