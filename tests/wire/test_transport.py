"""The blocking transport over real sockets: requests, responses and errors."""

from __future__ import annotations

import base64
import contextlib
import inspect
import json
import pickle
import socket
import subprocess
import sys
import threading
import time
import traceback

import pytest
import requests

import copr
from copr import _deadlines, _light
from copr.v3 import (
    Client,
    CoprAuthException,
    CoprConnectionException,
    CoprException,
    CoprLoginException,
    CoprNoResultException,
    CoprRequestException,
    CoprTimeoutException,
    CoprUnknownResponseException,
    CoprValidationException,
    Policy,
)

pytestmark = pytest.mark.usefixtures("either_transport")


def test_a_read_is_anonymous(stub, client):
    client.build_proxy.get(5)
    [(method, path, headers, body)] = stub.requests
    assert (method, path, body) == ("GET", "/api_3/build/5", b"")
    assert "Authorization" not in headers


def test_a_call_that_needs_login_sends_it(stub, client):
    client.base_proxy.auth_check()
    [(_, _, headers, _)] = stub.requests
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"lo:se:cret").decode()


def test_the_user_agent_is_read_when_a_call_is_sent(stub, client, monkeypatch):
    client.build_proxy.get(5)
    monkeypatch.setattr(copr.v3.requests, "USER_AGENT", "copr copr-cli/2.6")
    client.build_proxy.get(5)
    assert [headers["User-Agent"] for _, _, headers, _ in stub.requests] == [
        f"copr python-copr/{copr.__version__}",
        "copr copr-cli/2.6",
    ]


def test_all_proxies_of_a_client_share_one_connection(stub, client):
    for _ in range(3):
        client.build_proxy.get(5)
        client.project_proxy.get("alice", "hello")
        client.base_proxy.home()
    assert len(stub.requests) == 9
    assert stub.connections == 1


def test_a_json_body_says_what_it_is(stub, client):
    client.project_proxy.delete("alice", "hello")
    [(method, path, headers, body)] = stub.requests
    assert (method, path) == ("DELETE", "/api_3/project/delete/alice/hello?ownername=alice&projectname=hello")
    assert headers["Content-Type"] == "application/json"
    assert json.loads(body) == {"verify": True}


def test_exist_ok_is_sent_as_the_word_that_the_service_knows(stub, client):
    client.project_proxy.add("alice", "hello", ["fedora-42-x86_64"], exist_ok=True)
    assert stub.requests[0][1] == "/api_3/project/add/alice?ownername=alice&exist_ok=True"


def test_no_cookie_is_kept(stub, client):
    stub.answers = [(200, {"Set-Cookie": "session=abc; Path=/"}, b"{}")]
    client.base_proxy.home()
    client.base_proxy.home()
    assert "Cookie" not in stub.requests[1][2]


def test_netrc_is_not_read(stub, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login netrc password netrc\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    Client({"copr_url": stub.url}).base_proxy.home()
    assert "Authorization" not in stub.requests[0][2]


def test_at_most_three_frames_of_ours_stand_between_caller_and_transport(client, monkeypatch):
    frames = []
    send = requests.Session.send

    def look(self, request, **kwargs):
        frames.extend(frame.filename for frame in inspect.stack())
        return send(self, request, **kwargs)

    monkeypatch.setattr(requests.Session, "send", look)
    monkeypatch.setattr(_light, "is_possible", lambda: False)
    client.build_proxy.get(5)
    ours = [name for name in frames if "/copr/" in name]
    assert 0 < len(ours) <= 3, ours


def test_the_first_line_of_an_error_is_the_services_own(stub, client):
    stub.answers = [(404, {}, b'{"error": "Build 5 does not exist."}')]
    with pytest.raises(CoprNoResultException) as caught:
        client.build_proxy.get(5)
    error = caught.value
    assert str(error) == "Build 5 does not exist."
    assert (error.method, error.url, error.status) == ("GET", f"{stub.url}/api_3/build/5", 404)
    assert error.result.error == "Build 5 does not exist."
    assert error.result.__response__.status_code == 404
    shown = "".join(traceback.format_exception(error))
    assert f"asked: GET {stub.url}/api_3/build/5" in shown
    assert "answered: 404 Not Found" in shown


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, CoprRequestException),
        (401, CoprLoginException),
        (403, CoprAuthException),
        (404, CoprNoResultException),
        (409, CoprRequestException),
        (500, CoprRequestException),
        (504, CoprTimeoutException),
    ],
)
def test_the_status_chooses_the_class(stub, client, status, kind):
    stub.answers = [(status, {}, b'{"error": "No."}')]
    with pytest.raises(CoprException) as caught:
        client.build_proxy.get(5)
    assert type(caught.value) is kind


BODIES = [
    b"<html>Proxy Error</html>",
    b"",
    b"[]",
    b"null",
    b'"text"',
    b"{}",
    b'{"error"',
    b"\xff\xfe",
    b"[" * 100_000,
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:12]))
@pytest.mark.parametrize("status", [400, 404, 429, 502, 503])
def test_an_error_without_a_text_says_what_was_asked_and_what_came_back(stub, client, status, body):
    stub.answers = [(status, {}, body)]
    with pytest.raises(CoprException) as caught:
        client.build_proxy.get(5)
    assert f"GET {stub.url}/api_3/build/5 was answered {status}" in str(caught.value)
    assert caught.value.status == status


@pytest.mark.parametrize("body", [body for body in BODIES if body != b"{}"], ids=lambda body: repr(body[:12]))
def test_a_success_that_is_no_object_is_an_error(stub, client, body):
    stub.answers = [(200, {}, body)]
    with pytest.raises(CoprUnknownResponseException) as caught:
        client.build_proxy.get(5)
    assert f"GET {stub.url}/api_3/build/5 was answered 200 OK, but its body" in str(caught.value)


def test_a_page_without_items_is_an_error(stub, client):
    stub.answers = [(200, {}, b'{"meta": {}}')]
    with pytest.raises(CoprUnknownResponseException, match="no list of items"):
        client.build_proxy.get_list("alice", "hello")


def test_a_page_of_what_are_no_objects_is_an_error(stub, client):
    stub.answers = [(200, {}, b'{"items": [{"id": 5}, 6], "meta": {}}')]
    with pytest.raises(CoprUnknownResponseException, match="items are not all objects"):
        client.build_proxy.get_list("alice", "hello")


def test_an_error_with_a_status_of_success_is_an_error(stub, client):
    stub.answers = [(200, {}, b'{"error": "Too many requests.", "output": "notok"}')]
    with pytest.raises(CoprUnknownResponseException, match=r"it says 'Too many requests\.'"):
        client.build_proxy.get(5)


def test_what_json_cannot_say_is_refused_before_anything_is_sent(stub, client):
    with pytest.raises(CoprValidationException, match="PUT /project/edit/alice/hello cannot be sent"):
        client.project_proxy.edit("alice", "hello", description=b"bytes")
    assert stub.requests == []


def test_an_error_that_is_an_object_is_shown_whole(stub, client):
    stub.answers = [(400, {}, b'{"error": {"pkgs": ["missing"]}}')]
    with pytest.raises(CoprRequestException, match=r'\{"pkgs": \["missing"\]\}'):
        client.build_proxy.get(5)


def test_no_service_is_a_connection_error_that_says_where_and_why():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(CoprConnectionException) as caught:
        Client({"copr_url": url}, policy=ONCE).base_proxy.home()
    assert str(caught.value).startswith(f"Unable to connect to {url}/api_3/. Connection refused.")
    assert isinstance(caught.value.__cause__, requests.ConnectionError)


def test_an_unknown_host_is_named():
    with pytest.raises(CoprConnectionException, match=r"Unable to connect to https://copr.invalid/api_3/\."):
        Client({"copr_url": "https://copr.invalid"}, policy=ONCE).base_proxy.home()


def test_a_connection_that_breaks_before_the_answer_is_a_connection_error(stub, client):
    stub.answers = [lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)]
    with pytest.raises(CoprConnectionException, match="Unable to connect"):
        client.base_proxy.home()


def test_a_body_that_is_cut_short_is_a_connection_error(stub, client):
    def cut(handler):
        handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id": 5')
        handler.close_connection = True

    stub.answers = [cut]
    with pytest.raises(CoprConnectionException, match="Unable to connect"):
        client.build_proxy.get(5)


ONCE = Policy(attempts=1)


def test_a_service_that_does_not_answer_is_a_timeout(stub):
    stub.answers = [lambda handler: handler.rfile.read(1)]
    client = Client({"copr_url": stub.url}, policy=Policy(attempts=1, read=0.2))
    with pytest.raises(CoprTimeoutException, match=r"was not answered within 0\.2 seconds"):
        client.base_proxy.home()


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b""]
)
def test_a_service_that_drips_does_not_hold_the_caller(stub, head):
    def drip(handler):
        handler.close_connection = True
        handler.wfile.write(head)
        with contextlib.suppress(OSError):
            for _ in range(200):
                handler.wfile.write(b"{")
                time.sleep(0.05)

    stub.answers = [drip]
    client = Client({"copr_url": stub.url}, policy=Policy(attempts=1, read=5, answer=0.3))
    began = time.monotonic()
    with pytest.raises(CoprTimeoutException, match=r"was not answered within 0\.3 seconds"):
        client.base_proxy.home()
    assert time.monotonic() - began < 3


def test_clients_that_had_their_answers_leave_no_threads(stub, monkeypatch):
    monkeypatch.setattr(_deadlines, "IDLE_CHECK", 0.02)

    def watching():
        return sum(thread.name == "copr-deadlines" for thread in threading.enumerate())

    before = watching()
    clients = [Client({"copr_url": stub.url}) for _ in range(5)]
    for _ in range(2):
        for client in clients:
            client.build_proxy.get(5)
        deadline = time.monotonic() + 10
        while watching() > before and time.monotonic() < deadline:
            time.sleep(0.01)
        assert watching() <= before


def test_credentials_stay_out_of_everything_that_is_shown(stub, client):
    stub.answers = [(401, {}, b'{"error": "Login invalid/expired."}')]
    secrets = ["se:cret", base64.b64encode(b"lo:se:cret").decode()]
    with pytest.raises(CoprAuthException) as caught:
        client.base_proxy.auth_check()
    error = caught.value
    shown = [
        repr(client.config),
        repr(error),
        "".join(traceback.format_exception(error)),
        repr(error.result),
        repr(error.result.__response__.request.headers),
        str(pickle.loads(pickle.dumps(error)).__dict__),
    ]
    for text in shown:
        assert not any(secret in text for secret in secrets)


def test_credentials_stay_out_of_the_cause_of_a_lost_connection(stub, client):
    stub.answers = [lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)]
    with pytest.raises(CoprConnectionException) as caught:
        client.base_proxy.auth_check()
    assert "Authorization" not in caught.value.__cause__.request.headers


def test_a_call_that_needs_login_says_where_credentials_come_from(stub):
    with pytest.raises(CoprAuthException) as caught:
        Client({"copr_url": stub.url}).base_proxy.auth_check()
    assert f"{stub.url}/api" in str(caught.value)
    assert stub.requests == []


def test_an_upload_arrives_as_it_is_on_disk(stub, client, tmp_path):
    srpm = tmp_path / 'hello "1".src.rpm'
    srpm.write_bytes(bytes(range(256)) * 5000)
    seen = []

    def progress(monitor):
        seen.append((monitor.bytes_read, monitor.len))

    client.build_proxy.create_from_file("alice", "hello", srpm, buildopts={"progress_callback": progress})
    [(method, path, headers, body)] = stub.requests
    assert (method, path) == ("POST", "/api_3/build/create/upload")
    assert int(headers["Content-Length"]) == len(body)
    assert srpm.read_bytes() in body
    assert b'name="pkgs"; filename="hello %221%22.src.rpm"' in body
    assert b'{"ownername": "alice", "projectname": "hello", "project_dirname": null}' in body
    assert seen[-1] == (len(body), len(body))
    assert len(seen) < 40


def test_the_progress_callback_gets_the_toolbelts_monitor(stub, client, tmp_path):
    from requests_toolbelt import MultipartEncoderMonitor

    srpm = tmp_path / "hello.src.rpm"
    srpm.write_bytes(b"x")
    monitors = []
    client.build_proxy.create_from_file(
        "alice", "hello", srpm, buildopts={"progress_callback": monitors.append}
    )
    assert all(isinstance(monitor, MultipartEncoderMonitor) for monitor in monitors)


def test_a_file_that_is_not_there_is_refused_before_anything_is_sent(stub, client, tmp_path):
    with pytest.raises(CoprValidationException, match=r"nothing\.src\.rpm cannot be sent: No such file"):
        client.build_proxy.create_from_file("alice", "hello", tmp_path / "nothing.src.rpm")
    assert stub.requests == []


def test_importing_the_client_imports_no_network():
    slow = "{'requests', 'munch', 'inspect', 'dataclasses', 'asyncio', 'typing', 'json', 're'}"
    code = f"import sys, copr.v3; print(*sorted({slow} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


LACKING = {
    "log": (lambda client: client.build_chroot_proxy.get_log(5, "x"), "result_url"),
    "packages": (lambda client: client.build_chroot_proxy.download_packages(5, "x", "rpms"), "result_url"),
    "chroots": (lambda client: client.project_proxy.edit_chroots("o", "p", add=["x"]), "chroot_repos"),
    "repeat": (lambda client: client.build_proxy.rebuild_failed(5), "source_package"),
    "order": (lambda client: client.build_proxy.create_in_order("o", "p", [[__file__]]), "id"),
}


@pytest.mark.parametrize("name", LACKING)
def test_an_answer_without_what_a_method_goes_on_with_is_none_of_the_apis(stub, client, name):
    ask, field = LACKING[name]
    stub.answers = [(200, {}, b'{"state": "failed", "items": [{}], "meta": {}}')]
    with pytest.raises(CoprUnknownResponseException, match=f"has no field '{field}'"):
        ask(client)


def test_a_submission_of_one_address_that_is_answered_with_no_build_says_so(stub, client):
    stub.answers = [(200, {}, b'{"items": [], "meta": {}}')]
    with pytest.raises(CoprUnknownResponseException, match="has no build"):
        client.build_proxy.create_from_url("o", "p", "http://x.test/a.src.rpm")


def test_a_refusal_of_a_file_that_is_cut_short_is_a_connection_error(stub, client, tmp_path):
    def cut(handler):
        handler.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 100\r\n\r\n<html>")
        handler.close_connection = True

    stub.answers = [cut]
    with pytest.raises(CoprConnectionException, match="Unable to connect"):
        client.base_proxy.download(f"{stub.url}/file", tmp_path / "file")
