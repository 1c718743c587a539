"""When responses are lost, the service makes one thing at most, and the caller gets it if it exists.

Every way to submit with every client, and every way to lose a response, against a local Copr that is reached
over a socket. The tables in `docs/lost-responses.md` are what these tests have seen.
`test_lost_connections.py` and `tests/flows/test_submission.py` have what is rarer: rivals,
hundreds of builds, searches that fail.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import losses
import pytest
from losses import PROJECT
from ways_to_submit import (
    CLIENTS,
    LIGHT,
    LOSSES,
    NOT_CARRIED_OUT,
    REFUSED,
    outcome,
)

from copr.v3 import Client, CoprSubmissionUnknown

PAGE = Path(__file__).parents[2] / "docs" / "lost-responses.md"

files = losses.files

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
    monkeypatch.setattr("copr._policy.SETTLING", (0.02,))


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
    monkeypatch.setattr("copr._policy.SETTLING", (0.02, 1.0) if "after that" in loss else (0.02,))
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
    monkeypatch.setattr("copr._policy.SETTLING", (0.02, 1.0))
    tables = page(seen)
    assert PAGE.read_text().partition("-->\n\n")[2] == tables, f"Write this into {PAGE}:\n{tables}"
