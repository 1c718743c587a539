"""When responses are lost, the service has one build at most, and the caller gets it if it exists."""

from __future__ import annotations

import pytest
from faults import LATE, FaultyLine

from copr.v3 import Client, CoprSubmissionUnknown, Policy
from copr_local import LocalCopr


@pytest.fixture
def line(service):
    with FaultyLine(service.url) as line:
        yield line


@pytest.fixture(autouse=True)
def short_settling(monkeypatch):
    monkeypatch.setattr("copr._submission.SETTLING", (0.05, 0.1))


@pytest.fixture(scope="module")
def service():
    with LocalCopr(username="alice", builders=1) as copr:
        yield copr


def builds_of(service, name):
    return Client(service.config).build_proxy.get_list("alice", name)


@pytest.mark.parametrize("way", ["before", "during", "after", "502", "silence"])
@pytest.mark.parametrize("kind", ["file", "url"])
def test_one_call_never_makes_two_builds(service, line, srpm, way, kind):
    name = f"{way}-{kind}"
    Client(service.config).project_proxy.add("alice", name, ["fedora-44-x86_64"])
    client = Client({**service.config, "copr_url": line.url}, policy=Policy(read=1, pause=0.05))
    line.faults = [way]
    try:
        if kind == "file":
            build = client.build_proxy.create_from_file("alice", name, srpm)
        else:
            build = client.build_proxy.create_from_url(
                "alice", name, "http://127.0.0.1:1/hello-1.0-1.src.rpm"
            )
    except CoprSubmissionUnknown as unknown:
        assert way in ("before", "during")
        assert unknown.candidates == ()
        assert builds_of(service, name) == []
    else:
        assert [each.id for each in builds_of(service, name)] == [build.id]


def submit(service, line, srpm, name, kind):
    Client(service.config).project_proxy.add("alice", name, ["fedora-44-x86_64"])
    build_proxy = Client({**service.config, "copr_url": line.url}, policy=Policy(pause=0.05)).build_proxy
    if kind == "file":
        return build_proxy.create_from_file("alice", name, srpm)
    return build_proxy.create_from_url("alice", name, "http://127.0.0.1:1/hello-1.0-1.src.rpm")


@pytest.mark.parametrize("kind", ["file", "url"])
def test_a_build_that_the_service_makes_after_we_looked_is_found(service, line, srpm, kind, monkeypatch):
    monkeypatch.setattr("copr._submission.SETTLING", (0.05, 0.1, 2 * LATE))
    line.faults = ["late"]
    build = submit(service, line, srpm, f"late-{kind}", kind)
    assert [each.id for each in builds_of(service, f"late-{kind}")] == [build.id]


@pytest.mark.parametrize("kind", ["file", "url"])
def test_a_rival_with_the_same_submission_makes_ours_unknown_and_not_a_third(service, line, srpm, kind):
    line.faults = ["rival"]
    with pytest.raises(CoprSubmissionUnknown) as unknown:
        submit(service, line, srpm, f"rival-{kind}", kind)
    there = {each.id for each in builds_of(service, f"rival-{kind}")}
    assert len(there) == 2
    assert {each.id for each in unknown.value.candidates} == there


def test_a_lost_answer_to_a_new_project_is_the_project(service, line):
    client = Client({**service.config, "copr_url": line.url}, policy=Policy(pause=0.05))
    line.faults = ["after"]
    project = client.project_proxy.add("alice", "lost", ["fedora-44-x86_64"], description="d")
    assert project.id == Client(service.config).project_proxy.get("alice", "lost").id
