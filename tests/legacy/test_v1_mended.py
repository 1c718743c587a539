"""Defects of the released legacy client that this one does not have, and calls over a bad connection."""

from __future__ import annotations

import json
import socket
import time
from email import message_from_bytes
from urllib.parse import parse_qsl

import pytest

from copr.client import CoprClient, parsers
from copr.client.responses import BuildWrapper, CoprResponse, PackageWrapper
from copr.exceptions import (
    CoprConfigException,
    CoprNoConfException,
    CoprRequestException,
    CoprSubmissionUnknown,
    CoprTimeoutException,
    CoprUnknownResponseException,
    CoprValidationException,
)
from copr.v3 import Policy

SRPM = "http://example.com/hello-1-1.src.rpm"
SUBMITTED = 200, {}, b'{"output": "ok", "ids": [7], "message": "Build was added"}'


@pytest.fixture
def cl(stub):
    return CoprClient(
        "alice", "lo", "to", stub.url, bridge=False, policy=Policy(attempts=2, pause=0.01, searches=(0,))
    )


def sent(stub, place=-1):
    """Return the form of a request: names and texts, and files by their content."""
    _, _, headers, body = stub.requests[place]
    if not headers["Content-Type"].startswith("multipart/"):
        return parse_qsl(body.decode(), keep_blank_values=True)
    parts = message_from_bytes(f"Content-Type: {headers['Content-Type']}\n\n".encode() + body).get_payload()
    return [
        (
            part.get_param("name", header="Content-Disposition"),
            part.get_payload(decode=True).decode().removesuffix("\n"),
        )
        for part in parts
    ]


@pytest.mark.parametrize("chroots", [["epel-9-x86_64"], "epel-9-x86_64", ("epel-9-x86_64",)])
def test_numbers_and_any_sort_of_list_are_options_of_a_build(stub, cl, chroots):
    stub.answers = [SUBMITTED]
    response = cl.create_new_build("p", [SRPM], timeout=3600, memory=2048, chroots=chroots, background=True)
    assert [build.build_id for build in response.builds_list] == [7]
    assert {("timeout", "3600"), ("memory_reqs", "2048"), ("epel-9-x86_64", "y"), ("background", "y")} <= {
        *sent(stub)
    }


def test_one_package_may_be_given_without_a_list(stub, cl):
    stub.answers = [SUBMITTED]
    cl.create_new_build("p", SRPM)
    assert ("pkgs", SRPM) in sent(stub)


@pytest.mark.parametrize("pkgs", [[], ()])
def test_no_package_is_refused_before_anything_is_sent(stub, cl, pkgs):
    with pytest.raises(CoprValidationException, match="packages"):
        cl.create_new_build("p", pkgs)
    assert stub.requests == []


def test_every_file_of_a_list_is_built(stub, cl, tmp_path):
    files = [tmp_path / "a.src.rpm", tmp_path / "b.src.rpm"]
    for file in files:
        file.write_text(file.name)
    stub.answers = [
        SUBMITTED,
        (200, {}, b'{"output": "ok", "ids": [8], "message": "And another"}'),
        SUBMITTED,
    ]
    response = cl.create_new_build("p", [*files[:1], str(files[1])])
    assert [build.build_id for build in response.builds_list] == [7, 8]
    assert response.message == "Build was added\nAnd another"
    assert [("pkgs", file.name) in sent(stub, place) for place, file in enumerate(files)] == [True, True]


def test_a_handle_hands_chroots_on_as_chroots(stub, cl):
    stub.answers = [(200, {}, b'{"output": "ok", "detail": {}}'), SUBMITTED]
    cl.get_project_details("p", username="bob").handle.create_new_build([SRPM], ["epel-9-x86_64"])
    assert stub.requests[-1][1] == "/api/coprs/bob/p/new_build/"
    assert ("epel-9-x86_64", "y") in sent(stub)


@pytest.mark.parametrize(
    ("create", "path", "name"),
    [
        (
            lambda cl: cl.create_project("hello", chroots=["c"], description="d"),
            "/api/coprs/alice/new/",
            "hello",
        ),
        (lambda cl: cl.create_project("bob", "hello", ["c"]), "/api/coprs/bob/new/", "hello"),
        (lambda cl: cl.create_project("@g", "hello", "c"), "/api/coprs/@g/new/", "hello"),
        (lambda cl: cl.create_project("hello", ["c"], description="d"), "/api/coprs/alice/new/", "hello"),
        (lambda cl: cl.create_project(projectname="hello", chroots=["c"]), "/api/coprs/alice/new/", "hello"),
        (
            lambda cl: cl.create_project(username="bob", projectname="hello", chroots=["c"]),
            "/api/coprs/bob/new/",
            "hello",
        ),
    ],
)
def test_all_documented_ways_to_create_a_project_work(stub, cl, create, path, name):
    stub.answers = [(200, {}, b'{"output": "ok", "message": "m"}')]
    create(cl)
    assert stub.requests[-1][1] == path
    assert {("name", name), ("c", "y")} <= {*sent(stub)}


@pytest.mark.parametrize("arguments", [(), ("",), ("hello",), ("hello", ["c"], "d"), (None, "hello", [])])
def test_a_project_without_name_or_chroots_is_refused_before_anything_is_sent(stub, cl, arguments):
    with pytest.raises(CoprValidationException, match="You should provide"):
        cl.create_project(*arguments)
    assert stub.requests == []


def test_the_handle_of_a_groups_new_project_knows_the_group(stub, cl):
    stub.answers = [
        (200, {}, b'{"output": "ok", "message": "m"}'),
        (200, {}, b'{"output": "ok", "detail": {}}'),
    ]
    cl.create_project("@devs", "hello", ["c"]).handle.get_project_details()
    assert stub.requests[-1][1] == "/api/coprs/@devs/hello/detail/"


def test_a_response_holds_on_to_what_it_is_about(stub, cl):
    stub.answers = [(200, {}, b'{"output": "ok", "detail": {"description": "d"}}')]
    handle = cl.get_project_details("p").handle
    assert handle.response.description == "d"


def test_a_build_handle_knows_or_finds_its_project(stub, cl):
    stub.answers = [
        (200, {}, b'{"output": "ok", "status": "Build canceled"}'),
        (200, {}, b'{"output": "ok", "owner": "bob", "project": "p"}'),
    ]
    project = cl.cancel_build(3).handle.project_handle
    assert (project.username, project.projectname) == ("bob", "p")


def test_missing_fields_are_missing_attributes(cl):
    response = CoprResponse(cl, "get", {})
    package = PackageWrapper(cl, "alice", "p", name="hello")
    for thing in (response, package):
        assert not hasattr(thing, "nonsense")
        with pytest.raises(KeyError):
            _ = thing.nonsense
    assert package.name == "hello"
    assert json.loads(str(package)) == package.for_json() == {"name": "hello"}


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("projects_list", {"repos": None}),
        ("projects_list", {"repos": [None]}),
        ("builds_list", {"ids": 7}),
        ("chroots", {"detail": None}),
        ("name", {"detail": []}),
        ("package", {"package": None}),
        ("packages_list", {"packages": {}}),
        ("packages_list", {"packages": [7]}),
        ("chroot", {"chroot": "fedora-45-x86_64"}),
    ],
)
def test_fields_that_are_something_else_are_missing_too(cl, field, data):
    every = [
        parsers.ProjectListParser,
        parsers.NewBuildListParser,
        parsers.ProjectChrootsParser,
        parsers.ProjectDetailsFieldsParser,
        parsers.PackageParser,
        parsers.PackageListParser,
        parsers.CoprChrootParser,
    ]
    with pytest.raises(KeyError, match="Response missing"):
        getattr(CoprResponse(cl, "get", data, parsers=every), field)


def test_an_address_of_a_repository_may_be_of_any_shape(cl):
    repos = [{"name": "p", "yum_repos": {"fedora-45-x86_64": address}} for address in ("", None, "http://x/")]
    response = CoprResponse(cl, "get", {"repos": repos}, parsers=[parsers.ProjectListParser])
    assert [project.projectname for project in response.projects_list] == ["p"] * 3


def test_wrappers_can_be_in_sets(cl):
    builds = [BuildWrapper(cl, "alice", "p", number) for number in (1, 2)]
    assert set(builds) == {*builds, builds[0]}


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda cl: cl.get_project_details("a/b"), "/api/coprs/alice/a%2Fb/detail/"),
        (lambda cl: cl.get_project_details("p?x=1#y"), "/api/coprs/alice/p%3Fx=1%23y/detail/"),
        (lambda cl: cl.search_projects("two words"), "/api/coprs/search/two%20words/"),
        (lambda cl: cl.get_package("p", "é+"), "/api/coprs/alice/p/package/get/%C3%A9+/"),
        (lambda cl: cl.get_project_details("p", username="@g"), "/api/coprs/@g/p/detail/"),
    ],
)
def test_names_are_quoted(stub, cl, call, path):
    stub.answers = [(200, {}, b'{"output": "ok"}')]
    call(cl)
    assert stub.requests[-1][1].partition("?")[0] == path


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_names_that_would_leave_their_place_are_refused(stub, cl, name):
    for call in (cl.get_project_details, cl.search_projects, cl.delete_project):
        with pytest.raises(CoprValidationException):
            call(name)
    assert stub.requests == []


def test_whose_things_are_meant_must_be_known(stub):
    cl = CoprClient(copr_url=stub.url, bridge=False)
    with pytest.raises(CoprConfigException, match="username"):
        cl.get_projects_list()
    assert stub.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"<html>Please log in</html>"),
        (200, {}, b'{"output": "ok", "det'),
        (200, {}, b"[1, 2]"),
        (200, {}, b""),
        (500, {}, b"<html>Internal Server Error</html>"),
        (404, {}, b"{}"),
        (200, {}, b"\xff\xfe" * 9000),
    ],
)
def test_answers_that_are_not_the_apis_say_what_came(stub, cl, answer):
    stub.answers = [answer]
    with pytest.raises(CoprUnknownResponseException) as caught:
        cl.get_project_details("p")
    assert str(caught.value).startswith(
        f"Unknown response from the server. Code: {answer[0]}, raw response: \n "
    )
    assert len(str(caught.value)) < 10_000
    assert caught.value.url == f"{stub.url}/api/coprs/alice/p/detail/"
    assert any(note.startswith("next: ") for note in caught.value.__notes__)


def test_a_write_is_not_led_elsewhere(stub, cl):
    stub.answers = [(301, {"Location": "https://example.com/api/coprs/alice/p/delete/"}, b"")]
    with pytest.raises(CoprUnknownResponseException) as caught:
        cl.delete_project("p")
    assert "https://example.com" in caught.value.__notes__[-1]
    assert len(stub.requests) == 1


def test_reads_are_repeated_and_submissions_are_not(stub, cl):
    stub.answers = [(503, {}, b""), (200, {}, b'{"output": "ok", "detail": {}}')]
    cl.get_project_details("p")
    assert len(stub.requests) == 2
    stub.answers = [lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)]
    with pytest.raises(CoprSubmissionUnknown):
        cl.create_new_build("p", [SRPM])
    assert [method for method, *_ in stub.requests].count("POST") == 1


@pytest.mark.parametrize("policy", [Policy(attempts=1, read=0.05), Policy(attempts=1, deadline=0.05)])
def test_what_takes_too_long_is_caught_like_any_failed_call(stub, policy):
    stub.answers = [lambda handler: time.sleep(0.3)]
    cl = CoprClient("alice", copr_url=stub.url, bridge=False, policy=policy)
    with pytest.raises(CoprRequestException, match="was not answered within") as caught:
        cl.get_project_details("p")
    assert isinstance(caught.value, CoprTimeoutException)
    assert caught.value.url == f"{stub.url}/api/coprs/alice/p/detail/"
    assert caught.value.__notes__ == caught.value.__cause__.__notes__


def test_the_login_goes_to_no_other_service(cl, stub):
    with pytest.raises(CoprValidationException, match="no login is sent"):
        cl.process_package_action("https://example.com/api/x", "alice", "p", {})
    assert stub.requests == []


def test_a_refusal_in_a_success_is_a_refusal(stub, cl):
    stub.answers = [(200, {}, b'{"output": "notok", "error": "no"}')]
    with pytest.raises(CoprRequestException, match=r"^no\n"):
        cl.get_project_details("p")


@pytest.mark.parametrize("url", ["nonsense", "ftp://example.com", "http://[", "https://lo:to@example.com"])
def test_an_unusable_address_is_refused_before_anything_is_sent(url):
    with pytest.raises(CoprConfigException, match="copr_url") as caught:
        CoprClient("alice", copr_url=url).get_projects_list()
    assert "lo:to" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        (None, CoprNoConfException, "There is no file"),
        ("", CoprConfigException, "no section"),
        ("[copr-cli]\nlogin = a\n", CoprConfigException, "copr_url"),
        ("[copr-cli]\nlogin\n= secret\n", CoprConfigException, "INI"),
    ],
)
def test_unusable_configuration_is_named_or_passed_over(tmp_path, monkeypatch, text, error, says):
    monkeypatch.delenv("COPR_URL", raising=False)
    file = tmp_path / "copr"
    if text is not None:
        file.write_text(text)
    with pytest.raises(error, match=says) as caught:
        CoprClient.create_from_file_config(file)
    assert "secret" not in str(caught.value)
    client = CoprClient.create_from_file_config(file, ignore_error=True)
    assert (client.login, client.token) == (None, None)
    assert client.copr_url == "https://copr.fedorainfracloud.org/"


FOUND = {
    "list": b'{"output": "ok", "repos": [{"name": "p"}]}',
    "search": b'{"output": "ok", "repos": [{"coprname": "p", "username": "alice"}]}',
}
NOT_HERE = 404, {}, b'{"output": "notok", "error": "Copr alice/p does not exist."}'


@pytest.mark.parametrize("how", FOUND)
def test_the_group_of_a_project_is_found_where_a_service_names_who_made_it(stub, cl, how):
    in_v2 = json.dumps({"projects": [{"project": {"name": "p", "owner": "@team"}}]}).encode()
    detail = b'{"output": "ok", "detail": {"name": "p", "description": "Of a group"}}'
    stub.answers = [(200, {}, FOUND[how]), NOT_HERE, (200, {}, in_v2), (200, {}, detail)]
    response = cl.get_projects_list() if how == "list" else cl.search_projects("ppp")
    (project,) = response.projects_list
    assert project.get_project_details().description == "Of a group"
    assert [path for _, path, _, _ in stub.requests[1:]] == [
        "/api/coprs/alice/p/detail/",
        "/api_2/projects?owner=alice&name=p",
        "/api/coprs/@team/p/detail/",
    ]


@pytest.mark.parametrize(
    "answer",
    [
        (404, {}, b"<html>not found</html>"),
        (200, {}, b'{"projects": []}'),
        (200, {}, b'{"projects": [null, {"project": {"owner": "alice"}}]}'),
    ],
    ids=["no API v2", "nothing", "nothing of a group"],
)
def test_a_project_that_is_not_there_is_no_group_s_either(stub, cl, answer):
    stub.answers = [(200, {}, FOUND["list"]), NOT_HERE, answer]
    (project,) = cl.get_projects_list().projects_list
    with pytest.raises(CoprRequestException, match="alice"):
        project.get_project_details()
