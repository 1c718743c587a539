"""The legacy client makes at most one build of a submission when responses are lost."""

from __future__ import annotations

import pytest
from faults import FaultyLine

from copr.client import CoprClient
from copr.exceptions import CoprSubmissionUnknown
from copr.v3 import Client, Policy
from copr_local import LocalCopr

CHROOT = "fedora-44-x86_64"
SRPM = "https://example.com/hello-1-1.src.rpm"


@pytest.fixture(scope="module")
def service():
    with LocalCopr(username="alice", builds="scripted", chroots=[CHROOT]) as copr:
        yield copr


@pytest.fixture(autouse=True)
def short_settling(monkeypatch):
    monkeypatch.setattr("copr._submission.SETTLING", (0.05, 0.1))


def submitted(service, fault, *, bridge):
    """Submit a build while one response is lost. Return the ids that the caller got, and all ids."""
    name = f"{fault}-{bridge}"
    client = Client(service.config)
    client.project_proxy.add("alice", name, [CHROOT])
    config = service.config
    with FaultyLine(service.url) as line:
        policy = Policy(read=1, pause=0.05)
        cl = CoprClient("alice", config["login"], config["token"], line.url, bridge=bridge, policy=policy)
        line.faults = [fault]
        try:
            got = [build.build_id for build in cl.create_new_build(name, [SRPM]).builds_list]
        except CoprSubmissionUnknown:
            got = None
    return got, [build.id for build in client.build_proxy.get_list("alice", name)]


@pytest.mark.parametrize("fault", ["after", "502", "silence"])
def test_a_build_whose_answer_was_lost_is_found_over_api_v3(service, fault):
    got, there = submitted(service, fault, bridge=True)
    assert got == there
    assert len(there) == 1


@pytest.mark.parametrize("fault", ["during", "after", "502", "silence"])
def test_over_api_v1_it_is_said_that_nobody_knows_and_nothing_is_sent_again(service, fault):
    got, there = submitted(service, fault, bridge=False)
    assert got is None
    assert len(there) == (0 if fault == "during" else 1)
