"""The legacy client makes at most one build of a submission when responses are lost."""

from __future__ import annotations

import pytest
from losses import prepared, silence, write_files

from copr.client import CoprClient
from copr.exceptions import CoprSubmissionUnknown
from copr.v3 import Client, Policy

REPOSITORY = "https://example.com/hello.git"

#: Submissions, each given a client, the project's name and a folder with files.
KINDS = {
    "url": lambda cl, name, folder: cl.create_new_build(name, ["https://example.com/hello-1-1.src.rpm"]),
    "file": lambda cl, name, folder: cl.create_new_build(name, [str(folder / "hello-1-1.src.rpm")]),
    "pypi": lambda cl, name, folder: cl.create_new_build_pypi(name, "munch", "4.0"),
    "rubygems": lambda cl, name, folder: cl.create_new_build_rubygems(name, "rake"),
    "custom": lambda cl, name, folder: cl.create_new_build_custom(name, "#!/bin/sh\nmake\n"),
    "scm": lambda cl, name, folder: cl.create_new_build_scm(name, REPOSITORY, committish="main"),
    "tito": lambda cl, name, folder: cl.create_new_build_tito(name, REPOSITORY, git_branch="main"),
    "mock": lambda cl, name, folder: cl.create_new_build_mock(name, REPOSITORY, "hello.spec"),
    "distgit": lambda cl, name, folder: cl.create_new_build_distgit(name, REPOSITORY, "f44"),
    "package": lambda cl, name, folder: cl.build_package(name, "of-scm", ownername="alice"),
}

LOSSES = {
    "during": lambda faults: faults.reset("during", method="POST", count=1),
    "after": lambda faults: faults.reset("after", method="POST", count=1),
    "502": lambda faults: faults.status(502, "after", method="POST", count=1),
    "page": lambda faults: faults.status(200, "after", method="POST", count=1),
    "silence": silence,
}


@pytest.fixture(scope="module")
def began():
    with prepared() as copr:
        yield copr, copr.snapshot()


@pytest.fixture
def service(began):
    copr, state = began
    copr.restore(state)
    return copr


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return write_files(tmp_path_factory.mktemp("files"))


@pytest.fixture(autouse=True)
def short_settling(monkeypatch):
    monkeypatch.setattr("copr._submission.SETTLING", (0.05, 0.1))


def submitted(service, files, kind, way, *, bridge):
    """Submit a build whose response is lost. Return the ids that the caller got, all ids, and the message."""
    config = service.config
    policy = Policy(read=1, pause=0.05)
    cl = CoprClient("alice", config["login"], config["token"], service.url, bridge=bridge, policy=policy)
    cl.authentication_check()
    fault = LOSSES[way](service.faults)
    try:
        answer = KINDS[kind](cl, "tools", files)
        got = [build.build_id for build in answer.builds_list]
        message = answer.message
    except CoprSubmissionUnknown:
        got = message = None
    assert fault.hits == 1
    return got, [build.id for build in Client(config).build_proxy.get_list("alice", "tools")], message


@pytest.mark.parametrize(
    ("kind", "way"),
    [*((kind, "after") for kind in KINDS), *(("scm", way) for way in ("502", "page", "silence"))],
)
def test_a_build_whose_answer_was_lost_is_found_over_api_v3(service, files, kind, way):
    got, existing, message = submitted(service, files, kind, way, bridge=True)
    assert got == existing
    assert len(existing) == 1
    assert kind == "package" or f"{service.url}/coprs/build/{existing[0]}/" in message


@pytest.mark.parametrize("kind", KINDS)
def test_a_submission_over_api_v3_that_did_not_arrive_is_unknown(service, files, kind):
    got, existing, _ = submitted(service, files, kind, "during", bridge=True)
    assert got is None
    assert existing == []


@pytest.mark.parametrize(
    ("kind", "way"), [*((kind, "after") for kind in KINDS), *(("url", way) for way in LOSSES)]
)
def test_over_api_v1_the_build_is_found_with_api_v3_and_nothing_is_sent_again(service, files, kind, way):
    got, existing, _ = submitted(service, files, kind, way, bridge=False)
    assert got == (None if way == "during" else existing)
    assert len(existing) == (0 if way == "during" else 1)


THINGS = {
    "project": (
        lambda cl: cl.create_project("new", description="d", chroots=["fedora-44-x86_64"]),
        lambda client: client.project_proxy.get("alice", "new").description == "d",
    ),
    "fork": (
        lambda cl: cl.fork_project("alice/tools", "new"),
        lambda client: client.project_proxy.get("alice", "new").name == "new",
    ),
    "package": (
        lambda cl: cl.add_package_pypi("munch", "tools", "munch", "4.0", "", ["3"]),
        lambda client: client.package_proxy.get("alice", "tools", "munch").source_type == "pypi",
    ),
}


@pytest.mark.parametrize("bridge", [False, True])
@pytest.mark.parametrize("kind", THINGS)
def test_a_thing_whose_answer_was_lost_is_found_by_its_name(service, kind, bridge):
    config = service.config
    make, exists = THINGS[kind]
    cl = CoprClient("alice", config["login"], config["token"], service.url, bridge=bridge)
    cl.authentication_check()
    fault = LOSSES["after"](service.faults)
    make(cl)
    assert fault.hits == 1
    assert exists(Client(config))


def test_over_api_v1_without_api_v3_it_is_said_that_nobody_knows(service, files):
    config = service.config
    cl = CoprClient("alice", config["login"], config["token"], service.url, bridge=False)
    cl.authentication_check()
    with (
        LOSSES["after"](service.faults),
        service.faults.status(404, path="/api_3"),
        pytest.raises(CoprSubmissionUnknown, match="It was not sent again"),
    ):
        KINDS["url"](cl, "tools", files)
