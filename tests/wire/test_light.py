"""The light transport and the one over `requests` cannot be told apart: bytes, replies, errors and causes."""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import os
import socket
import ssl
import subprocess
import sys
import threading
import zlib

import pytest
import requests
from urllib3.util.ssl_ import create_urllib3_context

from copr import _light
from copr._calls import record
from copr._errors import CoprException
from copr._light import LightTransport
from copr._light_trust import trusting
from copr._policy import Policy
from copr._requests import RequestsTransport
from copr._wire import Call, LateReply
from copr.v3 import Client

POLICY = Policy(attempts=1, connect=5, read=20, answer=60)
HURRIED = Policy(attempts=1, connect=5, read=0.3, answer=60)
LATE = Policy(attempts=1, connect=5, read=20, answer=0.3)
BODY = b'{"id": 5, "name": "caf\xc3\xa9"}'


class Service:
    """Answers each request with the next of `answers`: pieces to send; None closes, "reset" resets.

    A connection whose answer ends otherwise is kept. `seen`: the bytes of each connection.
    """

    def __init__(self, answers):
        self.answers = list(answers)
        self.seen = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.ended = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.seen.append(b"")
                threading.Thread(target=self.serve_one, args=(connection,), daemon=True).start()

    def serve_one(self, connection):
        place = len(self.seen) - 1
        with connection, contextlib.suppress(OSError):
            while self.read_request(connection, place):
                for piece in self.answers.pop(0) if self.answers else [None]:
                    if piece is None:
                        return
                    if piece == "silence":
                        self.ended.wait()
                        return
                    if piece == "reset":
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                        return
                    connection.sendall(piece)

    def read_request(self, connection, place):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return False
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        while lengths and len(body) < int(lengths[0].split(b":")[1]):
            body += connection.recv(65536)
        self.seen[place] += head + b"\r\n\r\n" + body
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.listener.close()


@pytest.fixture(autouse=True)
def always_possible(monkeypatch):
    monkeypatch.setattr(_light, "is_possible", lambda: True)
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


def identity(call):
    return {"User-Agent": "copr test", **({"Authorization": "Basic eDp5"} if call.login else {})}


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


def header(*lines, status=b"HTTP/1.1 200 OK", length=26):
    size = [] if length is None else [b"Content-Length: %d" % length]
    return b"\r\n".join([status, *lines, *size, b"", b""])


GET = Call("GET", "/build/5", decode=record)
COMPRESSED = gzip.compress(BODY)
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
ELSEWHERE = b"HTTP/1.1 302 Found\r\nLocation: /api_3/build/6?x=1\r\nContent-Length: 0\r\n\r\n"

ANSWERS = {
    "plain": [header(b"Content-Type: application/json", b"X-Y:  z "), BODY],
    "byte by byte": [bytes([byte]) for byte in header() + BODY],
    "lines": [header(length=22) + b'{"id": 5,\r\n\r\n"a": 1}\n\n'],
    "closing": [header(b"Connection: close") + BODY, None],
    "keep-alive": [header(b"Connection: Keep-Alive") + BODY],
    "cookies": [header(b"Set-Cookie: session=1; Path=/") + BODY],
    "empty": [header(length=0)],
    "a megabyte": [header(length=1_500_000), b"x" * 1_500_000],
    "gzip": [header(b"Content-Encoding: gzip", length=len(COMPRESSED)) + COMPRESSED],
    "deflate": [header(b"Content-Encoding: deflate", length=len(zlib.compress(BODY))) + zlib.compress(BODY)],
    "damaged gzip": [header(b"Content-Encoding: gzip") + BODY],
    "chunked": [header(b"Transfer-Encoding: chunked", length=None) + CHUNKED],
    "chunked and a length": [header(b"Transfer-Encoding: chunked") + CHUNKED],
    "cut chunks": [header(b"Transfer-Encoding: chunked", length=None) + CHUNKED[:9], None],
    "without a length": [header(length=None) + BODY, None],
    "HTTP/1.0": [header(status=b"HTTP/1.0 200 OK") + BODY, None],
    "HTTP/0.9": [BODY, None],
    "no reason": [header(status=b"HTTP/1.1 200") + BODY],
    "another reason": [header(status=b"HTTP/1.1 200 Really fine") + BODY],
    "continue": [b"HTTP/1.1 100 Continue\r\n\r\n", header() + BODY],
    "processing": [b"HTTP/1.1 102 Processing\r\n\r\n" + header() + BODY, None],
    "created": [header(status=b"HTTP/1.1 201 CREATED") + BODY],
    "no content": [b"HTTP/1.1 204 No Content\r\n\r\n"],
    "not found": [header(status=b"HTTP/1.1 404 NOT FOUND") + BODY],
    "unavailable": [header(b"Retry-After: 3", status=b"HTTP/1.1 503 Unavailable") + BODY, None],
    "moved": [ELSEWHERE],
    "two lengths": [header(b"Content-Length: 3") + BODY, None],
    "negative length": [header(length=-1) + BODY, None],
    "wrong length": [header(b"Content-Length: many", length=None) + BODY, None],
    "too long": [header(length=8) + BODY],
    "cut in the status": [b"HTTP/1.1 200", None],
    "cut in the header": [header(b"X: y")[:25], None],
    "cut after a line": [b"HTTP/1.1 200 OK\r\nX: y\r\n", None],
    "cut in the body": [header() + BODY[:5], None],
    "reset in the body": [header() + BODY[:5], "reset"],
    "nothing": [None],
    "reset": ["reset"],
    "bare line feeds": [header().replace(b"\r\n", b"\n") + BODY, None],
    "a folded line": [header(b"X: y", b" z") + BODY],
    "a line without colon": [header(b"nothing") + BODY, None],
    "a space before the colon": [header(b"X : y") + BODY, None],
    "latin-1": [header(b"X: caf\xe9") + BODY],
    "many headers": [header(*[b"X-%d: y" % number for number in range(101)]) + BODY, None],
    "some headers": [header(*[b"X-%d: y" % number for number in range(90)]) + BODY],
    "a long header": [header(b"X: " + b"y" * 70_000) + BODY, None],
    "another protocol": [b"SSH-2.0-OpenSSH\r\n", None],
    "not JSON": [header(length=6) + b"<html>"],
}


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_has_the_same_end(name):
    answers = [ANSWERS[name], [header() + BODY]]
    # After a connection that the service closes, the next call would see that sooner or later.
    calls = [GET.with_login()] if ANSWERS[name][-1] in (None, "reset") else [GET, GET.with_login()]
    light, genuine = (carry_out(kind, calls, answers, POLICY) for kind in (LightTransport, RequestsTransport))
    assert light == genuine


@pytest.mark.parametrize(
    "name", ["plain", "byte by byte", "lines", "closing", "keep-alive", "cookies", "empty", "a megabyte"]
)
def test_plain_answers_need_no_requests(name):
    with Service([ANSWERS[name]]) as service:
        transport = LightTransport(f"{service.url}/api_3/", identity, POLICY)
        assert type(transport(GET)) is LateReply
        assert transport._by_requests is None
        transport.close()


@pytest.mark.parametrize(
    ("policy", "answer"),
    [
        (HURRIED, ["silence"]),
        (HURRIED, [header()[:20], "silence"]),
        (HURRIED, [header() + BODY[:5], "silence"]),
        (HURRIED, [header(status=b"HTTP/1.1 404 NOT FOUND") + BODY[:5], "silence"]),
        (LATE, ["silence"]),
        (LATE, [header()[:20], "silence"]),
        (LATE, [header() + BODY[:5], "silence"]),
        (LATE, [header(status=b"HTTP/1.1 404 NOT FOUND") + BODY[:5], "silence"]),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_silence_ends_in_the_same_way(policy, answer, method):
    call = Call(method, "/build/create", json=None if method == "GET" else {"a": 1}, decode=record)
    light, genuine = (
        carry_out(kind, [call.within(30)], [answer], policy) for kind in (LightTransport, RequestsTransport)
    )
    assert light == genuine


CALLS = {
    "a read": GET,
    "with login": GET.with_login(),
    "a query": Call("GET", "/list", query={"a": "é&=/?#", "b": [1, 2], "c": None, "d": ""}, decode=record),
    "a quoted path": Call("GET", "/a%2Fb/c+d:e@f/", decode=record),
    "a path quoted otherwise": Call("GET", "/a%2fb/ü/[x]", decode=record),
    "a body": Call("POST", "/x", json={"ü": [None, True]}, login=True, decode=record),
    "a body of a read": Call("GET", "/x", json={"a": 1}, decode=record),
    "a form": Call("POST", "/x", form={"a": "é", "b": ["1", "2"]}, decode=record),
    "no body": Call("POST", "/x", decode=record),
    "removal": Call("DELETE", "/x", query={"a": "b"}, login=True, decode=record),
    "a change": Call("PUT", "/x", json={}, decode=record),
}


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
        assert type(transport(Call("POST", "/x", decode=record))) is LateReply
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
    assert _light._service_at(url) is None


@pytest.mark.parametrize("name", ["http_proxy", "HTTPS_PROXY", "all_proxy"])
def test_proxies_are_left_to_requests(monkeypatch, name):
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert LightTransport("http://127.0.0.1:9/", identity, POLICY)._service is None


@pytest.mark.parametrize("agent", ["a\r\nb", "ü", "", " a"])
def test_unusual_headers_are_left_to_requests(agent):
    assert not _light._is_plain(agent)


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
