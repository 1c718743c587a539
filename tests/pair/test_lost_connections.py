"""Single ways to lose a response: a change of a package, rivals, an upload that was quick, a dead connection.

`test_lost_answers.py` has every way to submit, and every way to lose a response.
"""

from __future__ import annotations

import asyncio
import time

import losses
import pytest
from gateway import CUTS, ODD, gateway, page
from losses import PROJECT, builds
from ways_to_submit import LIGHT, V3, awaiting, blocking

from copr._upload import Upload
from copr.v3 import (
    AsyncClient,
    Client,
    CoprAuthException,
    CoprRequestException,
    CoprSubmissionUnknown,
    Policy,
)

began, service, files = losses.began, losses.service, losses.files


@pytest.fixture(autouse=True)
def short_settling(monkeypatch):
    monkeypatch.setattr("copr._policy.SETTLING", (0.02,))


@pytest.mark.parametrize("carry", [blocking, awaiting])
@pytest.mark.parametrize("way", [way for way in CUTS if way.startswith("cut")])
def test_a_change_whose_response_was_cut_in_its_header_is_sent_again(service, way, carry, files):
    source = {"clone_url": "https://example.com/changed.git"}

    def edit(client, _):
        return client.package_proxy.edit(*PROJECT, "of-scm", "scm", source)

    with gateway(service.url) as between:
        between.change = CUTS[way]
        edited = carry(edit, {**service.config, "copr_url": between.url}, files)
    assert edited.source_dict.clone_url == source["clone_url"]


@pytest.mark.parametrize("carry", LIGHT.values(), ids=LIGHT)
@pytest.mark.parametrize("way", ODD)
def test_a_build_is_found_after_a_response_of_a_gateway(service, way, carry, files):
    with gateway(service.url) as between:
        between.change = ODD[way]
        build = carry(V3["create_from_url"], {**service.config, "copr_url": between.url}, files)
    assert builds(service) == [build.id]


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (page(403, "Forbidden"), CoprAuthException),
        (page(301, "Moved Permanently", "Location: https://copr.example/"), CoprRequestException),
    ],
)
@pytest.mark.parametrize("carry", LIGHT.values(), ids=LIGHT)
def test_a_refusal_of_a_gateway_is_believed_if_there_is_no_build(service, carry, refusal, kind, files):
    with gateway(service.url) as between:
        between.instead = refusal
        with pytest.raises(kind, match="not by the API") as caught:
            carry(V3["create_from_url"], {**service.config, "copr_url": between.url}, files)
    assert not isinstance(caught.value, CoprSubmissionUnknown)
    assert builds(service) == []


@pytest.mark.parametrize("carry", [blocking, awaiting])
@pytest.mark.parametrize("way", ["create_from_file", "create_from_scm"])
def test_a_rival_with_the_same_submission_makes_ours_unknown_and_not_a_third(service, files, way, carry):
    before = builds(service)
    blocking(V3[way], service.config, files)
    service.faults.reset("after", method="POST", count=1)
    with pytest.raises(CoprSubmissionUnknown) as unknown:
        carry(V3[way], service.config, files)
    both = sorted(set(builds(service)) - set(before))
    assert len(both) == 2
    assert sorted(each.id for each in unknown.value.candidates) == both


@pytest.mark.parametrize("way", ["create_from_file", "create_from_scm"])
def test_a_build_that_was_found_has_the_response_that_it_was_found_in(service, files, way):
    service.faults.reset("after", method="POST", count=1)
    build = blocking(V3[way], service.config, files)
    assert build.id in [each["id"] for each in build.__response__.json()["items"]]


@pytest.mark.parametrize("carry", [blocking, awaiting])
def test_a_service_that_is_quicker_than_the_end_of_the_upload_makes_one_build(
    service, files, carry, monkeypatch
):
    next_block = Upload.next_block

    def late(upload):
        if upload.sent:  # all bytes were taken, so the service may be done before the end is seen
            time.sleep(0.3)
        return next_block(upload)

    monkeypatch.setattr(Upload, "next_block", late)
    before = builds(service)
    service.faults.reset("after", method="POST", count=1)
    build = carry(V3["create_from_file"], service.config, files)
    assert builds(service) == [*before, build.id]


def read_and_submit(config, files, until_closed):
    """Submit over a connection that was closed since the request before."""
    with Client(config, policy=Policy(attempts=1)) as client:
        client.project_proxy.get(*PROJECT)
        until_closed()
        return V3["create_from_file"](client, files)


def read_and_submit_in_a_loop(config, files, until_closed):
    """The same with the async client, whose event loop is blocked meanwhile."""

    async def main():
        async with AsyncClient(config, policy=Policy(attempts=1)) as client:
            await client.project_proxy.get(*PROJECT)
            until_closed()
            return await V3["create_from_file"](client, files)

    return asyncio.run(main())


@pytest.mark.parametrize("submit", [read_and_submit, read_and_submit_in_a_loop])
def test_a_kept_connection_that_died_meanwhile_costs_no_build_and_no_search(service, files, submit):
    before = builds(service)

    def until_closed():
        deadline = time.monotonic() + 60
        while not between.closed:
            assert time.monotonic() < deadline
            time.sleep(0.01)

    with gateway(service.url, idle=0.1) as between:
        build = submit({**service.config, "copr_url": between.url}, files, until_closed)
    assert builds(service) == [*before, build.id]
