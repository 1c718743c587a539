"""Calls of an old client go to the service if it has the API, or else to the bridge."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import warnings

import pytest
from stub import serving

from copr._bridge import warning
from copr.client import CoprClient
from copr.exceptions import CoprConnectionException, CoprException, CoprLoginException, CoprRequestException
from copr.exceptions import CoprUnknownResponseException as CoprUnknown
from copr.v3 import Policy

V1 = 404, {}, b'{"output": "notok", "error": "Build 0 does not exist."}'
NOT_FOUND = 404, {"Content-Type": "text/html"}, b"<html><title>Not Found</title></html>"
PAGE = 200, {"Content-Type": "text/html"}, b"<html>Welcome</html>"
PROJECTS = 200, {}, b'{"output": "ok", "repos": [{"name": "natively"}]}'
PROJECTS_V3 = (
    200,
    {},
    json.dumps(
        {
            "items": [
                {
                    "id": 1,
                    "name": "bridged",
                    "ownername": "alice",
                    "additional_repos": [],
                    "chroot_repos": {},
                    "description": "",
                    "instructions": "",
                    "persistent": False,
                    "unlisted_on_hp": False,
                    "auto_prune": True,
                }
            ],
            "meta": {},
        }
    ).encode(),
)


@pytest.fixture
def cl(stub):
    return CoprClient("alice", "lo", "se:cret", stub.url, policy=Policy(attempts=1))


def asked(stub):
    return [path.partition("?")[0] for _, path, _, _ in stub.requests]


def names(response):
    return [project.projectname for project in response.projects_list]


def test_a_service_with_the_old_api_is_spoken_to_in_it(stub, cl):
    stub.answers = [V1, PROJECTS]
    assert names(cl.get_projects_list()) == names(cl.get_projects_list()) == ["natively"]
    assert asked(stub) == ["/api/coprs/build/0/", "/api/coprs/alice/", "/api/coprs/alice/"]


@pytest.mark.parametrize(
    "answer",
    [
        NOT_FOUND,
        PAGE,
        (200, {}, b"[]"),
        (200, {}, b'{"outp'),
        (404, {}, b'{"error": "no such endpoint"}'),
        (410, {}, b"gone"),
        (403, {}, b"<html>"),
        (500, {}, b"<html>"),
    ],
)
def test_any_other_service_is_spoken_to_in_api_v3(stub, cl, answer):
    stub.answers = [answer, PROJECTS_V3]
    assert names(cl.get_projects_list()) == names(cl.get_projects_list()) == ["bridged"]
    assert asked(stub) == ["/api/coprs/build/0/", "/api_3/project/list", "/api_3/project/list"]


@pytest.mark.parametrize(
    "location",
    [
        "/welcome",
        "/login?next=/api/coprs/build/0/",
        "http://127.0.0.1:1/login",
        "https://login.invalid/",
        "ftp://x/api/coprs/build/0/",
        None,
    ],
)
def test_a_service_that_leads_the_old_api_to_a_web_page_is_spoken_to_in_api_v3(stub, cl, location):
    stub.answers = [(302, {"Location": location} if location else {}, b""), PROJECTS_V3]
    assert names(cl.get_projects_list()) == ["bridged"]
    assert asked(stub) == ["/api/coprs/build/0/", "/api_3/project/list"]


@pytest.mark.parametrize("location", ["{}/api/coprs/build/0/", "{}/api/coprs/build/0"])
def test_a_service_that_moved_is_spoken_to_in_the_api_that_it_has(stub, cl, location):
    with serving() as moved:
        stub.answers = [
            (301, {"Location": location.format(moved.url)}, b""),
            (301, {"Location": f"{moved.url}/api/coprs/alice/"}, b""),
        ]
        moved.answers = [V1, PROJECTS]
        assert names(cl.get_projects_list()) == ["natively"]
        assert asked(stub) == ["/api/coprs/build/0/", "/api/coprs/alice/"]
        assert asked(moved) == [location.format(""), "/api/coprs/alice/"]


def test_a_service_that_leads_the_question_in_circles_is_spoken_to_in_api_v3(stub, cl):
    def lead(handler):
        here = handler.path.startswith("/api/coprs/build/")
        status, headers, body = (302, {"Location": handler.path}, b"") if here else PROJECTS_V3
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    stub.answers = [lead]
    assert names(cl.get_projects_list()) == ["bridged"]
    assert len(stub.requests) < 10


@pytest.mark.parametrize("bridge", [True, False])
@pytest.mark.parametrize("way", ["argument", "environment", "file"])
def test_the_choice_can_be_set_and_then_costs_nothing(stub, way, bridge, monkeypatch, tmp_path):
    stub.answers = [PROJECTS_V3 if bridge else PROJECTS]
    text = "true" if bridge else "false"
    if way == "environment":
        monkeypatch.setenv("COPR_BRIDGE", text)
    if way == "file":
        file = tmp_path / "copr"
        file.write_text(
            f"[copr-cli]\nusername = alice\ncopr_url = {stub.url}\nbridge = {text}\nencrypted = false\n"
        )
        cl = CoprClient.create_from_file_config(file)
    else:
        cl = CoprClient("alice", copr_url=stub.url, bridge=bridge if way == "argument" else None)
    assert names(cl.get_projects_list()) == ["bridged" if bridge else "natively"]
    assert asked(stub) == ["/api_3/project/list" if bridge else "/api/coprs/alice/"]


def test_the_argument_wins_over_the_environment(stub, monkeypatch):
    monkeypatch.setenv("COPR_BRIDGE", "yes")
    stub.answers = [PROJECTS]
    assert names(CoprClient("alice", copr_url=stub.url, bridge=False).get_projects_list()) == ["natively"]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_what_cannot_tell_now_is_asked_again_next_time(stub, cl, status):
    stub.answers = [(status, {}, b""), V1, PROJECTS]
    with pytest.raises(CoprException) as caught:
        cl.get_projects_list()
    assert caught.value.status == status
    assert names(cl.get_projects_list()) == ["natively"]


def test_the_question_is_repeated_as_the_policy_says(stub):
    stub.answers = [(503, {}, b""), V1, (503, {}, b""), PROJECTS]
    cl = CoprClient("alice", copr_url=stub.url, policy=Policy(attempts=2, pause=0.01))
    assert names(cl.get_projects_list()) == ["natively"]


def test_many_threads_ask_once(stub, cl):
    stub.answers = [V1, PROJECTS]
    threads = [threading.Thread(target=cl.get_projects_list) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked(stub).count("/api/coprs/build/0/") == 1
    assert len(stub.requests) == 9


def test_a_service_with_neither_api_is_no_copr_service(stub, cl):
    stub.answers = [NOT_FOUND]
    with pytest.raises(CoprUnknown, match=r"/api_3/project/list.*404.*copr_url"):
        cl.get_projects_list()


def test_a_service_that_is_not_there_is_named_in_the_words_of_old(cl, stub):
    cl.copr_url = "http://127.0.0.1:1"
    with pytest.raises(CoprConnectionException) as caught:
        cl.get_projects_list()
    assert str(caught.value) == "Connection error GET http://127.0.0.1:1/api/coprs/alice/"
    assert isinstance(caught.value, CoprRequestException)
    assert "refused" in str(caught.value.__cause__)
    assert any("refused" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("bridge", [True, False, None])
def test_nothing_is_sent_where_login_is_needed_and_there_is_none(stub, bridge):
    cl = CoprClient("alice", copr_url=stub.url, bridge=bridge)
    for call in (cl.authentication_check, lambda: cl.create_new_build("p", ["http://example.com/a.src.rpm"])):
        with pytest.raises(CoprLoginException, match="needs login"):
            call()
    assert stub.requests == []


@pytest.mark.parametrize("bridge", [True, False])
def test_credentials_go_only_where_login_is_needed_and_never_into_errors(stub, bridge):
    cl = CoprClient("alice", "lo", "se:cret", stub.url, bridge=bridge, policy=Policy(attempts=1))
    stub.answers = [PROJECTS_V3 if bridge else PROJECTS, (401, {}, b'{"output": "notok", "error": "no"}')]
    cl.get_projects_list()
    with pytest.raises(CoprLoginException) as caught:
        cl.authentication_check()
    reads, writes = (headers["Authorization"] for _, _, headers, _ in stub.requests)
    assert reads is None
    assert writes.startswith("Basic ")
    seen = f"{caught.value!r} {caught.value.__notes__} {vars(caught.value)} {cl} {cl._connection.config!r}"
    assert "se:cret" not in seen
    assert writes not in seen


def test_a_script_may_change_who_asks_and_whom(stub, cl):
    stub.answers = [V1, PROJECTS, V1, PROJECTS]
    cl.get_projects_list()
    cl.username, cl.copr_url = "bob", f"{stub.url}/"
    assert names(cl.get_projects_list()) == ["natively"]
    assert asked(stub)[-1] == "/api/coprs/bob/"


def script(code):
    run = [sys.executable, "-W", "default", "-c", code]
    return subprocess.run(run, capture_output=True, text=True, check=True, timeout=60)


def test_the_first_old_client_of_a_process_says_once_that_it_is_old():
    seen = script("from copr import CoprClient\nCoprClient()\nCoprClient()\nCoprClient()\n").stderr
    assert seen.count("DeprecationWarning") == 1
    assert "<string>:2: DeprecationWarning" in seen
    assert "docs/migration.md" in seen


def test_the_warning_points_to_the_script_also_from_a_file_s_client():
    code = (
        "from copr import CoprClient\n\nCoprClient.create_from_file_config('/nowhere', ignore_error=True)\n"
    )
    assert "<string>:3: DeprecationWarning" in script(code).stderr


def test_the_warning_is_never_an_error(warned, capsys):
    warned.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warning.warn_once("copr.client.CoprClient")
    assert "docs/migration.md" in capsys.readouterr().err


def test_the_new_client_imports_nothing_of_the_old_ones():
    seen = script(
        "import sys, copr\nfrom copr.v3 import Client\n"
        "print([name for name in sys.modules if name.startswith(('copr._bridge', 'copr.client'))])"
    )
    assert seen.stdout == "[]\n"


def test_the_old_names_come_when_they_are_asked_for():
    seen = script(
        "import copr, sys\nassert 'copr.client' not in sys.modules\n"
        "assert copr.CoprClient is copr.client.CoprClient is copr.client.client.CoprClient\n"
        "copr.exceptions.CoprNoConfException, copr.client.parsers.IParser\n"
        "assert 'requests' not in sys.modules"
    )
    assert seen.stderr == ""
