"""Errors of client v2: bad configuration, bad input, bad services, and lost responses."""

from __future__ import annotations

import subprocess
import sys

import pytest
from srpm import make_srpm

from copr import exceptions
from copr._drive import Clock
from copr.client_v2 import CoprClient
from copr.client_v2 import client as client_module
from copr.client_v2.net_client import (
    AuthError,
    MultiPartTuple,
    NetClient,
    NetworkError,
    RequestError,
    SubmissionUnknown,
)
from copr.v3 import Client, CoprConfigException, CoprValidationException, Policy
from copr_local import LocalCopr

ROOT = (200, {}, b'{"_links": {"self": {"href": "/api_2/"}, "builds": {"href": "/api_2/builds"}}}')
PAGE = (200, {"Content-Type": "text/html"}, b"<html>Log in</html>")
NO_PAGE = (404, {"Content-Type": "text/html"}, b"<html>Not Found</html>")
PROJECT = b'{"project": {"id": 5, "owner": "alice", "name": "tools"}, "_links": {}}'


def client(stub, *answers, login="lo", token="se:cret", **more):
    stub.answers = [ROOT, *answers]
    return CoprClient.create_from_params(stub.url, login, token, **{"policy": Policy(attempts=1), **more})


def asked(stub):
    return [f"{method} {path}" for method, path, _, _ in stub.requests]


def test_a_client_of_a_service_with_api_v2_costs_one_request(stub):
    client(stub)
    assert asked(stub) == ["GET /api_2/"]


def test_a_client_of_a_service_without_api_v2_costs_one_request_more(stub):
    stub.answers = [NO_PAGE, (200, {}, b'{"version": 3}'), (200, {}, b'{"items": [], "meta": {}}')]
    cl = CoprClient.create_from_params(stub.url)
    assert list(cl.projects.get_list(owner="alice")) == []
    assert [path.partition("?")[0] for path in asked(stub)] == [
        "GET /api_2/",
        "GET /api_3/",
        "GET /api_3/project/list",
    ]


@pytest.mark.parametrize("setting", ["argument", "environment", "file"])
def test_the_choice_can_be_set(stub, setting, monkeypatch, tmp_path):
    stub.answers = [(200, {}, b'{"version": 3}')]
    monkeypatch.delenv("COPR_URL", raising=False)
    if setting == "environment":
        monkeypatch.setenv("COPR_BRIDGE", "true")
        CoprClient.create_from_params(stub.url)
    elif setting == "argument":
        CoprClient.create_from_params(stub.url, bridge=True)
    else:
        file = tmp_path / "copr"
        file.write_text(f"[copr-cli]\ncopr_url = {stub.url}\nencrypted = false\nbridge = true\n")
        CoprClient.create_from_file_config(file)
    assert asked(stub) == ["GET /api_3/"]


@pytest.mark.parametrize("answer", [NO_PAGE, PAGE], ids=["404", "a page"])
def test_a_service_with_neither_api_is_none(stub, answer):
    stub.answers = [answer]
    with pytest.raises(RequestError, match="copr_url") as raised:
        CoprClient.create_from_params(stub.url, policy=Policy(attempts=1))
    assert raised.value.url == f"{stub.url}/api_2/"
    assert asked(stub) == ["GET /api_2/", "GET /api_3/"]


def test_a_service_that_leads_to_a_page_is_none(stub):
    moved = (302, {"Location": "/login"}, b"")
    stub.answers = [moved, PAGE, moved, PAGE]
    with pytest.raises(RequestError, match="copr_url"):
        CoprClient.create_from_params(stub.url, policy=Policy(attempts=1))


def test_a_service_that_is_down_for_a_moment_is_not_taken_for_one_without_api_v2(stub):
    stub.answers = [(503, {}, b"")]
    with pytest.raises(RequestError, match="503"):
        CoprClient.create_from_params(stub.url, policy=Policy(attempts=1))
    assert asked(stub) == ["GET /api_2/"]


def test_no_service_is_a_network_error_with_its_cause():
    with pytest.raises(NetworkError, match="Unable to connect") as raised:
        CoprClient.create_from_params("http://127.0.0.1:9", policy=Policy(attempts=1))
    assert isinstance(raised.value, exceptions.CoprConnectionException)
    assert raised.value.requests_error is raised.value.__cause__
    with pytest.raises(ValueError, match="No response"):
        raised.value.response_json  # noqa: B018 - it is a property that raises


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (PAGE[2], "its body is not JSON"),
        (b'{"project": {"id": 5,', "its body is not JSON"),
        (b"", "its body is not JSON"),
        (b"[]", "it has no project"),
        (b'{"error": "no"}', "it has no project"),
        (b'{"project": 5}', "it has no project"),
    ],
)
def test_an_answer_that_is_not_the_apis_is_an_error(stub, body, why):
    cl = client(stub, (200, {}, body))
    with pytest.raises(RequestError, match=why) as raised:
        cl.projects.get_one(5)
    assert raised.value.status == 200
    with pytest.raises(RequestError, match=r"not JSON|no list of projects"):
        cl.projects.get_list()


def test_an_answer_that_is_cut_off_is_a_network_error(stub):
    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(PROJECT)
        handler.close_connection = True

    cl = client(stub, cut)
    with pytest.raises(NetworkError):
        cl.projects.get_one(5)


def test_a_read_is_asked_again_and_a_submission_is_not(stub, monkeypatch):
    monkeypatch.setattr(Clock, "sleep", staticmethod(lambda seconds: None))
    down = (503, {}, b"")
    cl = client(stub, down, down, (200, {}, PROJECT), down, policy=Policy(attempts=3))
    project = cl.projects.get_one(5)
    stub.requests.clear()
    with pytest.raises(SubmissionUnknown):
        project.create_build_from_url("http://example.com/my.src.rpm")
    assert [each for each in asked(stub) if each.startswith("POST")] == ["POST /api_2/builds"]


@pytest.mark.parametrize("bridge", [False, True])
@pytest.mark.parametrize("credentials", [(None, None), ("lo", None), (None, "se:cret"), ("", "")])
def test_without_credentials_nothing_is_sent_that_needs_them(stub, credentials, bridge):
    login, token = credentials
    cl = client(stub, (200, {}, PROJECT), login=login, token=token, bridge=bridge)
    stub.requests.clear()
    with pytest.raises(AuthError, match="Credentionals for BasicAuth not set") as raised:
        cl.builds.delete(1)
    assert stub.requests == []
    assert "/api" in " ".join(raised.value.__notes__)
    assert isinstance(raised.value, exceptions.CoprAuthException)


def test_names_stay_in_their_place(stub):
    cl = client(stub, NO_PAGE)
    with pytest.raises(RequestError):
        cl.mock_chroots.get_one("../a/b?c=d#e")
    assert asked(stub)[-1] == "GET /api_2/mock_chroots/..%2Fa%2Fb%3Fc=d%23e"
    for name in ("", ".", ".."):
        with pytest.raises(CoprValidationException, match="not a valid name"):
            cl.mock_chroots.get_one(name)


def test_a_file_that_is_none_is_refused(stub, tmp_path):
    cl = client(stub)
    with pytest.raises(CoprValidationException, match="file_path"):
        cl.builds.create_from_file(1)
    with pytest.raises(CoprValidationException, match="cannot be sent"):
        cl.builds.create_from_file(1, tmp_path / "nothing.src.rpm")
    assert asked(stub) == ["GET /api_2/"]


def test_no_error_and_no_repr_holds_a_secret(stub):
    cl = client(stub, (401, {}, b'{"message": "Login invalid/expired."}'))
    with pytest.raises(AuthError) as raised:
        cl.builds.create_from_url(1, "http://example.com/my.src.rpm")
    error = raised.value
    shown = (
        f"{cl} {cl!r} {cl.nc!r} {error} {error!r} {vars(error)} {error.__notes__ if error.__cause__ else ''}"
    )
    assert "se:cret" not in shown
    assert "Basic" not in shown


def test_an_error_can_be_pickled(stub):
    import pickle

    cl = client(stub, (404, {}, b'{"message": "Project with id `9` not found"}'))
    with pytest.raises(RequestError) as raised:
        cl.projects.get_one(9)
    copy = pickle.loads(pickle.dumps(raised.value))
    assert (str(copy), copy.url, copy.status) == (str(raised.value), raised.value.url, 404)


@pytest.mark.parametrize("address", ["nonsense", "ftp://example.com", "http://user:word@127.0.0.1/"])
def test_an_address_that_cannot_be_used_is_a_configuration_error(address):
    with pytest.raises(CoprConfigException, match="copr_url"):
        CoprClient.create_from_params(address)


def test_a_missing_file_is_an_error_unless_it_is_to_be_ignored(stub, tmp_path, monkeypatch):
    monkeypatch.delenv("COPR_URL", raising=False)
    with pytest.raises(exceptions.CoprNoConfException, match="There is no file"):
        CoprClient.create_from_file_config(tmp_path / "nothing")
    monkeypatch.setattr(client_module, "PUBLIC_SERVICE", stub.url)
    stub.answers = [ROOT]
    cl = CoprClient.create_from_file_config(tmp_path / "nothing", ignore_error=True)
    assert "config provided: False" in str(cl)
    assert (cl.root_url, cl.nc.login, cl.nc.token) == (stub.url, None, None)


def test_a_file_without_a_section_is_a_configuration_error(tmp_path):
    (tmp_path / "copr").write_text("[other]\n")
    with pytest.raises(CoprConfigException, match="copr-cli"):
        CoprClient.create_from_file_config(tmp_path / "copr")


def test_making_a_client_says_once_that_it_is_old(stub, warned):
    warned.clear()
    with pytest.warns(DeprecationWarning, match=r"copr\.client_v2.*migration"):
        client(stub)
    client(stub)


def test_errors_are_of_the_one_tree():
    for kind, bases in {
        RequestError: [exceptions.CoprRequestException],
        NetworkError: [RequestError, exceptions.CoprConnectionException],
        SubmissionUnknown: [NetworkError, exceptions.CoprSubmissionUnknown],
        AuthError: [RequestError, exceptions.CoprAuthException],
    }.items():
        assert all(issubclass(kind, base) for base in bases)


def test_the_client_of_api_v3_imports_nothing_of_this():
    code = """
import sys
import copr
assert not [name for name in sys.modules if name.startswith("copr.") and name.split(".")[1][0] != "_"]
import copr.v3
found = [name for name in sys.modules if name.startswith(("copr.client", "copr._bridge", "copr.util"))]
assert not found, found
from copr import create_client2_from_params, create_client2_from_file_config
assert "requests" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_requests_of_ones_own_go_the_same_way(stub, tmp_path):
    stub.answers = [(200, {}, b'{"a": 1}'), (201, {"Location": "/x"}, b""), (200, {}, b"{}"), NO_PAGE]
    nc = NetClient("lo", "se:cret")
    answer = nc.get(f"{stub.url}/some/where?x=1", {"y": 2})
    assert (answer.status_code, answer.json) == (200, {"a": 1})
    made = nc.request(f"{stub.url}/x", "POST", data='{"b": 2}', do_auth=True, headers={"X-Test": "t"})
    assert made.headers["Location"] == "/x"
    with (tmp_path / "file").open("wb+") as file:
        file.write(b"content")
        file.seek(0)
        parts = [
            MultiPartTuple("metadata", None, "{}", "application/json"),
            MultiPartTuple("srpm", "my.src.rpm", file, "application/x-rpm"),
        ]
        nc.request_multipart(f"{stub.url}/y", data_parts=parts)
    with pytest.raises(RequestError, match=f"accessing {stub.url}/z"):
        nc.get(f"{stub.url}/z")
    first, second, third, _ = stub.requests
    assert first[1] == "/some/where?x=1&y=2"
    assert "Authorization" not in first[2]
    assert (second[2]["Authorization"][:6], second[2]["X-Test"], second[3]) == ("Basic ", "t", b'{"b": 2}')
    assert all(each in third[3] for each in (b"content", b'name="metadata"', b'filename="my.src.rpm"'))
    with pytest.raises(AuthError):
        NetClient().request(stub.url, do_auth=True)


@pytest.fixture(scope="module")
def service():
    with LocalCopr(builds="scripted", username="alice", chroots=["fedora-45-x86_64"]) as copr:
        Client(copr.config).project_proxy.add("alice", "tools", ["fedora-45-x86_64"])
        yield copr


@pytest.fixture
def unhurried(monkeypatch):
    monkeypatch.setattr(Clock, "sleep", staticmethod(lambda seconds: None))


@pytest.mark.parametrize("bridge", [False, True], ids=["over v2", "over v3"])
def test_what_a_lost_submission_made_is_found(service, bridge, unhurried, monkeypatch, tmp_path):
    monkeypatch.setenv("COPR_CONFIG", str(service.config_path))
    monkeypatch.setenv("COPR_BRIDGE", str(bridge))
    cl = CoprClient.create_from_file_config()
    before = len(cl.builds.get_list(project_id=1))
    srpm = make_srpm(tmp_path).rename(tmp_path / f"{bridge}.src.rpm")
    submissions = [
        lambda: cl.builds.create_from_url(1, f"http://example.com/{bridge}.src.rpm"),
        lambda: cl.builds.create_from_file(1, srpm),
    ]
    for submit in submissions:
        with service.faults.reset("after", method="POST", count=1) as fault:
            made = submit()
        assert fault.hits == 1
        assert made.id == cl.builds.get_list(project_id=1, limit=1)[0].id
    assert len(cl.builds.get_list(project_id=1)) == before + 2
    with service.faults.reset("after", method="POST", count=1):
        project = cl.projects.create(f"new{bridge}", "alice", ["fedora-45-x86_64"])
    assert project.name == f"new{bridge}"


def test_a_lost_submission_of_nobody_known_is_found_with_api_v3(service, unhurried):
    login = service.config["login"], service.config["token"]
    cl = CoprClient.create_from_params(service.url, *login, bridge=False)
    before = len(cl.builds.get_list(project_id=1))
    with service.faults.reset("after", method="POST", count=1):
        build = cl.builds.create_from_url(1, "http://example.com/lost.src.rpm")
    assert build.id == cl.builds.get_list(project_id=1, limit=1)[0].id
    assert len(cl.builds.get_list(project_id=1)) == before + 1
    with service.faults.reset("after", method="POST", count=1):
        project = cl.projects.create("whose", None, ["fedora-45-x86_64"])
    assert (project.owner, project.name) == ("alice", "whose")
    assert [each.id for each in cl.projects.get_list(name="whose")] == [project.id]


def test_a_lost_submission_of_nobody_known_is_never_guessed(service, unhurried):
    login = service.config["login"], service.config["token"]
    cl = CoprClient.create_from_params(service.url, *login, bridge=False)
    before = len(cl.builds.get_list(project_id=1))
    with (
        service.faults.reset("after", method="POST", count=1),
        service.faults.status(404, path="/api_3"),
        pytest.raises(SubmissionUnknown, match="not sent again"),
    ):
        cl.builds.create_from_url(1, "http://example.com/unknown.src.rpm")
    assert len(cl.builds.get_list(project_id=1)) == before + 1
