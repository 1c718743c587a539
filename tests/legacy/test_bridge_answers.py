"""The bridges with responses that API v3 does not send, and with data that a service does not return."""

from __future__ import annotations

import json

import pytest

from copr.client import CoprClient
from copr.client_v2.client import CoprClient as ClientV2
from copr.client_v2.net_client import NetClient, RequestError
from copr.exceptions import CoprException, CoprRequestException, CoprUnknownResponseException
from copr.v3 import Policy

SRPM = "http://example.com/hello-1-1.src.rpm"

BUILD = {
    "id": 5,
    "state": "succeeded",
    "ownername": "alice",
    "projectname": "tools",
    "project_dirname": "tools",
    "repo_url": "http://example.com/results/alice/tools",
    "submitter": "alice",
    "submitted_on": 1,
    "started_on": 2,
    "ended_on": 3,
    "chroots": [],
    "source_package": {"name": "hello", "version": "1-1", "url": SRPM},
}
PROJECT = {
    "id": 1,
    "name": "tools",
    "ownername": "alice",
    "description": "",
    "instructions": "",
    "homepage": None,
    "contact": None,
    "additional_repos": [],
    "devel_mode": False,
    "enable_net": True,
}


def v1(stub):
    return CoprClient("alice", "lo", "to", stub.url, bridge=True, policy=Policy(attempts=1))


def v2(stub):
    return ClientV2(NetClient("lo", "to"), stub.url, bridge=True, policy=Policy(attempts=1))


def body(document, status=200):
    return status, {"Content-Type": "application/json"}, json.dumps(document).encode()


CALLS = {
    "get_build_details": lambda stub: v1(stub).get_build_details(5),
    "get_projects_list": lambda stub: v1(stub).get_projects_list(),
    "get_chroot": lambda stub: v1(stub).get_chroot("tools", "alice", "fedora-45-x86_64"),
    "get_packages_list": lambda stub: v1(stub).get_packages_list("tools", with_latest_build=True),
    "modify_project": lambda stub: v1(stub).modify_project("tools", description="d"),
    "create_new_build": lambda stub: v1(stub).create_new_build("tools", [SRPM]),
    "new_webhook_secret": lambda stub: v1(stub).new_webhook_secret("tools"),
    "projects.get_list": lambda stub: v2(stub).projects.get_list(),
    "projects.get_one": lambda stub: v2(stub).projects.get_one(1),
    "projects.create": lambda stub: v2(stub).projects.create("tools", "alice", ["fedora-45-x86_64"]),
    "builds.get_one": lambda stub: v2(stub).builds.get_one(5),
    "build_tasks.get_list": lambda stub: v2(stub).build_tasks.get_list(build_id=5),
    "mock_chroots.get_list": lambda stub: v2(stub).mock_chroots.get_list(),
}


LACKING = {"nonsense": 1, "items": [{}], "meta": {}}
NULL = dict.fromkeys([*BUILD, *PROJECT, "chroot_repos", "additional_packages"])


@pytest.mark.parametrize(
    ("name", "document"),
    [
        *((name, LACKING) for name in CALLS),
        ("get_build_details", {**NULL, "items": []}),
        ("get_chroot", NULL),
        ("modify_project", NULL),
        ("builds.get_one", NULL),
        ("get_projects_list", {"items": [NULL]}),
    ],
)
def test_an_answer_that_lacks_what_is_needed_is_named(stub, name, document):
    stub.answers = [body(document)]
    with pytest.raises(CoprException) as caught:
        CALLS[name](stub)
    first = caught.value.__cause__ if isinstance(caught.value, RequestError) else caught.value
    assert isinstance(first, CoprUnknownResponseException)
    assert stub.url + "/api_3/" in str(first)
    assert "is not what API v3 sends" in str(first)
    assert isinstance(first.__cause__, (AttributeError, KeyError, TypeError, ValueError))


def answers_with(answers):
    """Return an answer of the stub that depends on the path of the request."""

    def answer(handler):
        status, headers, content = answers.get(
            handler.path.partition("?")[0], body({"error": "Such API endpoint doesn't exist"}, 404)
        )
        handler.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def test_a_build_is_shown_by_a_service_that_does_not_tell_its_source(stub):
    stub.answers = [answers_with({"/api_3/build/5": body(BUILD), "/api_3/project": body(PROJECT)})]
    build = v2(stub).builds.get_one(5)
    assert (build.state, build.package_name, build.package_version) == ("succeeded", "hello", "1-1")
    assert (build.source_type, build.source_metadata, build.built_packages) == (None, None, [])
    details = v1(stub).get_build_details(5)
    assert (details.status, details.src_pkg, details.built_pkgs) == ("succeeded", SRPM, None)
    assert details.data["chroots"] == details.results_by_chroot == {}


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_a_service_does_not_tell_now_is_not_taken_for_nothing(stub, status):
    stub.answers = [
        answers_with({"/api_3/build/5": body(BUILD), "/api_3/build/built-packages/5": (status, {}, b"")})
    ]
    with pytest.raises(CoprException) as caught:
        v1(stub).get_build_details(5)
    assert caught.value.status == status


@pytest.mark.parametrize("number", ["abc", -1, "5/..", "\N{SUPERSCRIPT TWO}"])
def test_a_build_by_what_is_no_number_is_refused_before_anything_is_sent(stub, number):
    cl = v1(stub)
    for call in (cl.get_build_details, cl.cancel_build, cl.delete_build):
        with pytest.raises(CoprRequestException, match=r"There is no (GET|POST) /api/coprs/"):
            call(number)
    assert stub.requests == []
