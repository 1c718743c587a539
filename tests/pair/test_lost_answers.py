"""When responses are lost, the service has one build at most, and the caller gets it if it exists.

`tests/flows/test_submission.py` has every kind of submission. These tests use both clients and real time.
"""

from __future__ import annotations

import asyncio

import pytest
from gateway import CUTS, gateway
from losses import PROJECT, URL, prepared, silence, write_files

from copr.v3 import AsyncClient, Client, CoprSubmissionUnknown, Policy

#: Seconds: the client's time limit for a response, and what is later than that.
LIMIT, LATE = 0.5, 1.0

#: What becomes of the request whose response is lost: what to tell the service's faults.
WAYS = {
    "before": lambda faults: faults.reset("before", method="POST", count=1),
    "during": lambda faults: faults.reset("during", method="POST", count=1),
    "after": lambda faults: faults.reset("after", method="POST", count=1),
    "502": lambda faults: faults.status(502, "after", method="POST", count=1),
    "silence": silence,
    "late": lambda faults: faults.delay(LATE, "before", method="POST", count=1),
}

KINDS = {
    "file": lambda client, folder: client.build_proxy.create_from_file(
        *PROJECT, str(folder / "hello-1-1.src.rpm")
    ),
    "url": lambda client, folder: client.build_proxy.create_from_url(*PROJECT, URL),
    "scm": lambda client, folder: client.build_proxy.create_from_scm(
        *PROJECT, "https://example.com/hello.git", committish="main", source_build_method="tito"
    ),
    "package": lambda client, folder: client.package_proxy.build(*PROJECT, "of-scm"),
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


def builds(service):
    return [build.id for build in Client(service.config).build_proxy.get_list(*PROJECT)]


def blocking(service, call, read=120, config=None):
    return call(Client(config or service.config, policy=Policy(read=read, pause=0.05)))


def awaiting(service, call, read=120, config=None):
    async def main():
        async with AsyncClient(config or service.config, policy=Policy(read=read, pause=0.05)) as client:
            return await call(client)

    return asyncio.run(main())


@pytest.mark.parametrize("carry", [blocking, awaiting])
@pytest.mark.parametrize("way", ["before", "during", "after", "502"])
@pytest.mark.parametrize("kind", KINDS)
def test_one_call_never_makes_two_builds(service, files, kind, way, carry):
    fault = WAYS[way](service.faults)
    try:
        build = carry(service, lambda client: KINDS[kind](client, files))
    except CoprSubmissionUnknown as unknown:
        assert way in ("before", "during")
        assert unknown.candidates == ()
        assert builds(service) == []
    else:
        assert builds(service) == [build.id]
    assert fault.hits == 1


@pytest.mark.parametrize("carry", [blocking, awaiting])
@pytest.mark.parametrize("way", CUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_build_whose_response_was_cut_or_replaced_on_its_way_is_found(service, files, kind, way, carry):
    with gateway(service.url) as between:
        between.change = CUTS[way]
        config = {**service.config, "copr_url": between.url}
        build = carry(service, lambda client: KINDS[kind](client, files), config=config)
        assert between.change is None
    assert builds(service) == [build.id]


@pytest.mark.parametrize("carry", [blocking, awaiting])
@pytest.mark.parametrize("way", [way for way in CUTS if way.startswith("cut")])
def test_a_change_whose_response_was_cut_in_its_header_is_sent_again(service, way, carry):
    source = {"clone_url": "https://example.com/changed.git"}

    def edit(client):
        return client.package_proxy.edit(*PROJECT, "of-scm", "scm", source)

    with gateway(service.url) as between:
        between.change = CUTS[way]
        edited = carry(service, edit, config={**service.config, "copr_url": between.url})
    assert edited.source_dict.clone_url == source["clone_url"]


@pytest.mark.parametrize("carry", [blocking, awaiting])
@pytest.mark.parametrize("way", ["silence", "late"])
@pytest.mark.parametrize("kind", ["file", "scm"])
def test_a_build_that_the_service_makes_after_the_time_limit_is_found(
    service, files, kind, way, carry, monkeypatch
):
    monkeypatch.setattr("copr._submission.SETTLING", (0.05, 2 * LATE))
    fault = WAYS[way](service.faults)
    build = carry(service, lambda client: KINDS[kind](client, files), read=LIMIT)
    assert builds(service) == [build.id]
    assert fault.hits == 1


@pytest.mark.parametrize("carry", [blocking, awaiting])
@pytest.mark.parametrize("kind", KINDS)
def test_a_rival_with_the_same_submission_makes_ours_unknown_and_not_a_third(service, files, kind, carry):
    blocking(service, lambda client: KINDS[kind](client, files))
    WAYS["after"](service.faults)
    with pytest.raises(CoprSubmissionUnknown) as unknown:
        carry(service, lambda client: KINDS[kind](client, files))
    assert len(builds(service)) == 2
    assert sorted(each.id for each in unknown.value.candidates) == sorted(builds(service))


@pytest.mark.parametrize("carry", [blocking, awaiting])
def test_a_lost_answer_to_a_new_project_is_the_project(service, carry):
    WAYS["after"](service.faults)
    project = carry(
        service,
        lambda client: client.project_proxy.add("alice", "lost", ["fedora-44-x86_64"], description="d"),
    )
    assert project.id == Client(service.config).project_proxy.get("alice", "lost").id


@pytest.mark.parametrize("kind", KINDS)
def test_a_build_that_was_found_has_the_response_that_it_was_found_in(service, files, kind):
    WAYS["after"](service.faults)
    build = blocking(service, lambda client: KINDS[kind](client, files))
    assert build.id in [each["id"] for each in build.__response__.json()["items"]]
