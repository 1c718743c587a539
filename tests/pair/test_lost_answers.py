"""When responses are lost, the service makes one thing at most, and the caller gets it if it exists.

Every way to submit with every client, and every way to lose a response, against a local Copr that is reached
over a socket. The tables in `docs/lost-responses.md` are what these tests have seen.
`tests/flows/test_submission.py` has what is rarer: rivals, hundreds of builds, searches that fail.
"""

from __future__ import annotations

import asyncio
import time
from functools import cache
from pathlib import Path

import losses
import pytest
from gateway import CUTS, gateway
from losses import PROJECT, builds
from ways_to_submit import (
    CLIENTS,
    LIGHT,
    LOSSES,
    NOT_CARRIED_OUT,
    REFUSED,
    V3,
    awaiting,
    blocking,
    outcome,
)

from copr._upload import Upload
from copr.v3 import AsyncClient, Client, CoprSubmissionUnknown, Policy

PAGE = Path(__file__).parents[2] / "docs" / "lost-responses.md"

service, files = losses.service, losses.files

#: The way to lose a response that every way to submit is tried with, and the one that loses the request.
RESET = "the connection is reset before the response"
NEVER_READ = "the connection is reset while the request is read"


@pytest.fixture(scope="module")
def began():
    with losses.prepared() as copr:
        Client(copr.config).build_proxy.create_from_url(*PROJECT, "https://example.com/first-1-1.src.rpm")
        copr.clock.advance(minutes=1)
        yield copr, copr.snapshot()


@pytest.fixture(scope="module")
def seen(began, files):
    """A function that submits while a response is lost, once for each way, and returns what came of it."""
    copr, state = began

    @cache
    def seen(client, how, way, loss):
        ways, carriers = CLIENTS[client]
        if client == "`copr.v3`" and way == "create_from_url":
            carriers = LIGHT  # files are sent by the others
        copr.restore(state)
        return outcome(copr, ways[way], carriers[how], files, loss)

    return seen


@pytest.fixture(autouse=True)
def short_settling(monkeypatch):
    monkeypatch.setattr("copr._submission.SETTLING", (0.02,))


SUBMISSIONS = [
    pytest.param(client, how, way, id=f"{client}, {how}, {way}".replace("`", ""))
    for client, (ways, carriers) in CLIENTS.items()
    for how in carriers
    for way in ways
]


@pytest.mark.parametrize(("client", "how", "way"), SUBMISSIONS)
def test_every_submission_whose_response_is_lost_makes_one_thing_which_the_caller_gets(
    client, how, way, seen
):
    made, got = seen(client, how, way, RESET)
    assert made == (2 if way.endswith("two") else 1)
    assert not isinstance(got, Exception)


@pytest.mark.parametrize(
    ("client", "how", "way"), [each for each in SUBMISSIONS if each.values[1] in ("blocking", "natively")]
)
def test_every_submission_that_was_not_carried_out_is_unknown_and_not_sent_again(client, how, way, seen):
    made, got = seen(client, how, way, NEVER_READ)
    assert made == 0
    assert isinstance(got, CoprSubmissionUnknown)
    assert got.candidates == ()


def with_each_client(kind):
    """Return a submission of a kind with each client: of a file or a URL."""
    return [
        (client, how, next(way for way in ways if kind in way.lower()))
        for client, (ways, carriers) in CLIENTS.items()
        for how in carriers
    ]


#: The submissions that are tried with all ways to lose a response.
KINDS = {
    "a file": with_each_client("file"),
    # API v2 over API v3 sends what API v1 over API v3 sends.
    "a URL": [each for each in with_each_client("url") if each[:2] != ("API v2", "over API v3")],
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("client", "how", "way"), [each for kind in KINDS.values() for each in kind])
def test_every_way_to_lose_a_response_leaves_one_build_at_most(client, how, way, loss, seen, monkeypatch):
    monkeypatch.setattr("copr._submission.SETTLING", (0.02, 1.5) if "after that" in loss else (0.02,))
    expected = {**dict.fromkeys(NOT_CARRIED_OUT, "0, unknown"), **dict.fromkeys(REFUSED, "0, refused")}
    assert cell(seen(client, how, way, loss)) == expected.get(loss, "1, found")


def page(seen):
    """Return the tables of the page, in Markdown."""
    parts = []
    for client, (ways, (first, second)) in CLIENTS.items():
        rows = [[client, f"response lost, {first}", f"response lost, {second}", "not carried out"]]
        cases = (first, RESET), (second, RESET), (first, NEVER_READ)
        for way in ways:
            name, comma, rest = way.partition(",")
            cells = [cell(seen(client, how, way, loss)) for how, loss in cases]
            rows.append([f"`{name}`{comma}{rest}", *cells])
        parts.append(table(rows))
    for kind, submissions in KINDS.items():
        rows = [[kind, *(f"{client}, {how}" for client, how, _ in submissions)]]
        rows += [[loss, *(cell(seen(*each, loss)) for each in submissions)] for loss in LOSSES]
        parts.append(table(rows))
    return "\n".join(parts)


def table(rows):
    """Return a table in Markdown."""
    head, *rest = rows
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ["---"] * len(head), *rest))


def cell(case):
    """Return how many things were made, and what the caller got."""
    made, got = case
    if not isinstance(got, Exception):
        return f"{made}, found"
    return f"{made}, {'unknown' if isinstance(got, CoprSubmissionUnknown) else 'refused'}"


def test_the_tables_of_the_page_are_what_was_seen(seen, monkeypatch):
    monkeypatch.setattr("copr._submission.SETTLING", (0.02, 1.5))
    tables = page(seen)
    assert PAGE.read_text().partition("-->\n\n")[2] == tables, f"Write this into {PAGE}:\n{tables}"


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
        client.build_proxy.get(1)
        until_closed()
        return V3["create_from_file"](client, files)


def read_and_submit_in_a_loop(config, files, until_closed):
    """The same with the async client, whose event loop is blocked meanwhile."""

    async def main():
        async with AsyncClient(config, policy=Policy(attempts=1)) as client:
            await client.build_proxy.get(1)
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
