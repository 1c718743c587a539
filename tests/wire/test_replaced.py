"""What a program puts in the place of a function, as its tests do, is called: nothing is sent past it.

The rows name what programs replace when they are tested with the released client.
"""

from __future__ import annotations

import functools
import importlib
from unittest import mock

import pytest
import requests

from copr.v3 import (
    BuildProxy,
    Client,
    CoprAuthException,
    CoprNoResultException,
    CoprRequestException,
    CoprSubmissionUnknown,
    CoprTimeoutException,
    Policy,
    wait,
)
from copr.v3 import requests as settings
from copr.v3.auth import ApiToken, BaseAuth
from copr.v3.requests import handle_errors, munchify

ON = ("alice", "hello")
REPLACED = [
    "copr.v3.proxies.Request.send",
    "copr.v3.requests.Request.send",
    "copr.v3.proxies.Request",
    "copr.v3.requests.Request",
    "requests.Session.request",
    "requests.sessions.Session.request",
    "requests.request",
    "requests.api.request",
    "copr.v3.requests.requests.request",
    "copr.v3.requests.requests",
    "requests.Session.send",
    "requests.sessions.Session.send",
    "requests.adapters.HTTPAdapter.send",
]
CALLS = {
    "read": lambda client, file: client.build_proxy.get(5),
    "read with login": lambda client, file: client.base_proxy.auth_check(),
    "list": lambda client, file: client.build_proxy.get_list(*ON),
    "change": lambda client, file: client.project_proxy.edit(*ON, description="new"),
    "submit": lambda client, file: client.build_proxy.create_from_scm(*ON, "https://e.test/a.git"),
    "upload": lambda client, file: client.build_proxy.create_from_file(*ON, file),
    "build a package": lambda client, file: client.package_proxy.build(*ON, "p"),
    "request": lambda client, file: client.base_proxy.request.send("/build/5", auth=client.base_proxy.auth),
}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "hello-1-1.src.rpm"
    path.write_bytes(b"content")
    return path


@pytest.mark.parametrize("before", [False, True], ids=["new client", "client that was used"])
@pytest.mark.parametrize("autospec", [False, True])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", REPLACED)
def test_no_request_is_sent_past_a_mock(name, call, autospec, before, stub, client, file):
    if before:
        client.build_proxy.get(5)
        stub.requests.clear()
    real = requests.Response()
    real.status_code, real._content = 200, b'{"id": 5, "items": []}'
    with mock.patch(name, autospec=autospec) as replaced:
        if name.endswith("HTTPAdapter.send"):
            replaced.return_value = real  # `requests` reads it
        CALLS[call](client, file)
    assert replaced.mock_calls
    assert stub.requests == []
    client.build_proxy.get(5)
    assert len(stub.requests) == 1


def sent(send):
    (call,) = send.call_args_list
    assert call.args == ()
    return call.kwargs


@pytest.mark.parametrize("where", ["proxies", "requests"])
def test_send_gets_the_arguments_that_the_released_client_passes(where, client, file):
    proxy, package = client.build_proxy, client.package_proxy
    with mock.patch(f"copr.v3.{where}.Request.send") as send:
        proxy.get(5)
        assert sent(send) == {"endpoint": "/build/5"}
        send.reset_mock()
        proxy.cancel(5)
        assert sent(send) == {"endpoint": "/build/cancel/5", "method": "PUT", "auth": proxy.auth}
        send.reset_mock()
        package.add(*ON, "add", "scm", {"clone_url": "u"})
        assert sent(send) == {
            "endpoint": "/package/add/{ownername}/{projectname}/{package_name}/{source_type_text}",
            "method": "POST",
            "params": {
                "ownername": "alice",
                "projectname": "hello",
                "package_name": "add",
                "source_type_text": "scm",
            },
            "data": {"package_name": "add", "clone_url": "u"},
            "auth": package.auth,
        }
        send.reset_mock()
        send.return_value.json.return_value = {"can_build_in": True}
        client.project_proxy.can_build_in("bob", *ON)
        assert sent(send)["endpoint"] == "/project/permissions/can_build_in/{who}/{ownername}/{projectname}/"
        send.reset_mock()
        client.project_proxy.add("add", "project", ["c"])
        assert sent(send)["endpoint"] == "/project/add/{ownername}"
        assert sent(send)["params"] == {"ownername": "add", "exist_ok": False}
        send.reset_mock()
        proxy.create_from_file(*ON, file, {"timeout": 5})
        assert sent(send)["data"] == {
            "ownername": "alice",
            "projectname": "hello",
            "project_dirname": None,
            "timeout": 5,
        }


def test_requests_get_the_arguments_that_the_released_client_passes(stub, client):
    with mock.patch("requests.Session.request") as request:
        client.project_proxy.edit("al ice", "hello", description="new")
    arguments = sent(request)
    assert arguments["method"] == "PUT"
    assert arguments["url"] == f"{stub.url}/api_3/project/edit/al%20ice/hello"
    assert arguments["params"] == {"ownername": "al ice", "projectname": "hello"}
    assert arguments["json"]["description"] == "new"
    assert arguments["auth"] == ("lo", "se:cret")
    assert arguments["headers"] == {"User-Agent": settings.USER_AGENT}


def answer(document, status=200):
    response = mock.Mock(spec=requests.Response)
    response.json.return_value = document
    response.status_code = status
    return response


@pytest.mark.parametrize(
    "name", ["copr.v3.proxies.Request.send", "requests.Session.request", "requests.Session.send"]
)
def test_a_mock_of_a_response_is_read_by_its_json(name, client):
    with mock.patch(name) as replaced:
        replaced.return_value = answer({"id": 5, "source_package": {"name": "hello"}})
        build = client.build_proxy.get(5)
        assert (build.id, build.source_package.name) == (5, "hello")
        assert build.__response__ is replaced.return_value
        assert build.__proxy__ is client.build_proxy
        replaced.return_value = answer({"items": [{"id": 5}], "meta": {"limit": 1}})
        page = client.build_proxy.get_list(*ON)
        assert (page[0].id, page.meta.limit) == (5, 1)
        assert client.build_proxy.create_from_url(*ON, "u").id == 5
        replaced.return_value = answer({"can_build_in": True})
        assert client.project_proxy.can_build_in("bob", *ON) is True


@pytest.mark.parametrize("name", ["requests.Session.request", "requests.Session.send"])
@pytest.mark.parametrize(
    ("status", "kind"), [(403, CoprAuthException), (404, CoprNoResultException), (400, CoprRequestException)]
)
def test_a_mock_of_an_error_is_raised(name, status, kind, client):
    with mock.patch(name, return_value=answer({"error": "no"}, status)), pytest.raises(kind, match="no"):
        client.build_proxy.get(5)


@pytest.mark.parametrize("error", [CoprTimeoutException("slow"), CoprRequestException("no")])
def test_an_error_of_a_mock_is_raised_at_once(error, client):
    with mock.patch("copr.v3.proxies.Request.send", side_effect=error) as send:
        for call in (
            lambda: client.build_proxy.get(5),
            lambda: client.build_proxy.create_from_scm(*ON, "u"),
        ):
            with pytest.raises(type(error)) as caught:
                call()
            assert caught.value is error
    assert send.call_count == 2


def test_a_request_of_a_proxy_can_be_replaced(stub, client):
    client.build_proxy.request.send = mock.Mock(return_value=answer({"id": 6}))
    assert client.build_proxy.get(5).id == 6
    client.package_proxy.request = mock.Mock()
    client.package_proxy.request.send.return_value = answer({"name": "p"})
    assert client.package_proxy.get(*ON, "p").name == "p"
    assert stub.requests == []


@pytest.mark.parametrize("name", ["request", "Session.request", "Session.send"])
def test_a_wrapper_as_of_monitoring_is_called_with_the_timeouts(name, stub, client, file, monkeypatch):
    place = requests if name == "request" else requests.Session
    name = name.rpartition(".")[2]
    genuine, seen = getattr(place, name), []

    @functools.wraps(genuine)
    def wrapper(*arguments, **options):
        seen.append(options["timeout"])
        return genuine(*arguments, **options)

    monkeypatch.setattr(place, name, wrapper)
    stub.answers = [(200, {}, b'{"id": 5}')]
    assert client.build_proxy.get(5).id == 5
    assert client.project_proxy.edit(*ON, description="new").id == 5
    assert client.build_proxy.create_from_file(*ON, file).id == 5
    assert seen == [(20, 120)] * 3
    assert [method for method, *_ in stub.requests] == ["GET", "PUT", "POST"]
    assert b"content" in stub.requests[2][3]
    assert stub.requests[2][2]["Content-Length"] == str(len(stub.requests[2][3]))


@pytest.mark.parametrize("sent", [False, True])
def test_an_upload_that_a_wrapper_lost_is_not_sent_again(sent, stub, client, file, monkeypatch):
    monkeypatch.setattr("copr._policy.SETTLING", (0,))
    genuine = requests.Session.request

    @functools.wraps(genuine)
    def wrapper(*arguments, **options):
        if sent:
            genuine(*arguments, **options)
        raise requests.ConnectionError("lost")

    monkeypatch.setattr(requests.Session, "request", wrapper)
    with pytest.raises(CoprSubmissionUnknown):
        Client(client.config, policy=Policy(pause=0)).build_proxy.create_from_file(*ON, file)
    assert [method for method, *_ in stub.requests].count("POST") == sent


def test_wait_polls_a_mock(stub, client):
    states = iter(["running", "succeeded"])
    with mock.patch.object(settings.Request, "send") as send:
        send.side_effect = lambda **_: answer({"id": 5, "state": next(states)})
        (build,) = wait(client.build_proxy.get(5), interval=0)
    assert build.state == "succeeded"
    assert stub.requests == []


def test_without_credentials_a_mock_gets_no_call(stub):
    client = Client({"copr_url": stub.url})
    with mock.patch("copr.v3.proxies.Request.send") as send, pytest.raises(CoprAuthException):
        client.build_proxy.cancel(5)
    assert send.mock_calls == []


def test_a_subclass_of_request_sends_the_calls_of_its_proxy(stub, client):
    class Counting(settings.Request):
        sent = 0

        def send(self, *arguments, **options):
            self.sent += 1
            return super().send(*arguments, **options)

    stub.answers = [(200, {}, b'{"id": 5}')]
    client.build_proxy.request = Counting(client.build_proxy.api_base_url)
    assert client.build_proxy.get(5).id == 5
    assert client.build_proxy.request.sent == len(stub.requests) == 1


def test_munchify_and_handle_errors_read_mocks():
    record = munchify(answer({"id": 5}))
    assert record.id == 5
    assert munchify(answer({"items": [{"id": 5}], "meta": {}}))[0].id == 5
    handle_errors(mock.MagicMock())
    with pytest.raises(CoprRequestException, match="no"):
        handle_errors(answer({"error": "no"}))


class Store(mock.MagicMock):
    """A program's own store of sessions."""

    def load_session(self):
        return {"name": "alice", "session": "kept", "expiration": 4e9}


def test_credentials_can_have_a_store_of_their_own_and_a_mock_of_a_configuration():
    auth = BaseAuth(None)
    auth.cache = Store()
    auth.make()
    assert (auth.username, auth.cookies) == ("alice", {"session": "kept"})
    with mock.patch.object(BaseAuth, "make_expensive") as expensive:
        auth.make()
        assert expensive.call_count == 0
        auth.make(reauth=True)
        assert expensive.call_count == 1
    assert ApiToken(mock.MagicMock()).username


def test_waiting_says_what_programs_look_for():
    proxy = mock.Mock(spec=BuildProxy)
    for state, said in (("unknown", "Unknown status"), ("running", "Timeouted")):
        proxy.get.return_value = mock.Mock(id=1, state=state)
        with pytest.raises(CoprRequestException.__mro__[1], match=said):
            wait(mock.Mock(id=1, state="running", __proxy__=proxy), interval=0, timeout=-1)


@pytest.mark.parametrize(
    "name",
    [
        "client.client.CoprResponse",
        "client_v2.client.CoprNoConfException",
        "v3.auth.base.json",
        "v3.auth.gssapi.handle_errors",
        "v3.exceptions.Munch",
        "v3.helpers.Munch",
        "v3.helpers.configparser",
        "v3.pagination.munchify",
        "v3.proxies.os",
        "v3.proxies.build.FileRequest",
        "v3.proxies.build.CoprValidationException",
        "v3.proxies.package.BuildProxy",
        "v3.proxies.project.warnings",
        "v3.proxies.webhook.bind_proxy",
        "v3.requests.requests",
        "v3.requests.CoprRequestException",
    ],
)
def test_names_that_modules_of_the_released_client_import_are_there(name):
    module, _, name = name.rpartition(".")
    assert getattr(importlib.import_module(f"copr.{module}"), name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        importlib.import_module(f"copr.{module}").nothing  # noqa: B018 - raises


@pytest.mark.parametrize("module", ["build", "project_chroot"])
def test_what_replaces_the_class_of_uploads_gets_them(stub, client, file, module):
    with mock.patch(f"copr.v3.proxies.{module}.FileRequest") as replaced:
        replaced.return_value.send.return_value.json.return_value = {"id": 7}
        build = client.build_proxy.create_from_file("alice", "hello", file)
    assert build.id == 7
    assert replaced.call_args.kwargs["files"]["pkgs"][2] == "application/x-rpm"
    assert not stub.requests
