"""Logs are read while they grow: each byte once, also if the service renames the finished file."""

from __future__ import annotations

import asyncio
import gzip
import json

import pytest

from copr.v3 import AsyncClient, Client, CoprException, CoprNoResultException, Policy

TEXT = "first line\nzweite Zeile: äöü\nlast line\n"
CHROOT = "fedora-45-x86_64"


def blocking(stub, question):
    return question(Client({"copr_url": stub.url}, policy=Policy(attempts=1)).build_chroot_proxy)


def awaiting(stub, question):
    async def main():
        async with AsyncClient({"copr_url": stub.url}, policy=Policy(attempts=1)) as client:
            return await question(client.build_chroot_proxy)

    return asyncio.run(main())


@pytest.fixture(params=[blocking, awaiting])
def ask(request, stub):
    return lambda question: request.param(stub, question)


class Growing:
    """A service with a build that has written more of its log at each poll, and finishes after the last."""

    def __init__(self, stub, pieces, *, ranges=True, packed=False):
        self.pieces, self.ranges, self.packed = pieces, ranges, packed
        self.looks = 0
        self.url = stub.url
        self.asked = []
        stub.answers = [self.answer]

    @property
    def is_over(self):
        return self.looks > len(self.pieces)

    def answer(self, handler):
        if handler.path.startswith("/api_3/build-chroot"):
            self.looks += 1
            state = "failed" if self.is_over else "running"
            body = f'{{"state": "{state}", "result_url": "{self.url}/results/x/"}}'.encode()
            send(handler, 200, body)
            return
        content = b"".join(self.pieces[: self.looks])
        asked = handler.headers.get("Range")
        self.asked.append((handler.path, asked))
        if self.is_over and self.packed:
            if handler.path.endswith(".gz"):
                send(handler, 200, gzip.compress(content))
            else:
                send(handler, 404, b"<html>not found</html>")
        elif asked and self.ranges:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            if start >= len(content):
                send(handler, 416, b"")
            else:
                send(handler, 206, content[start:])
        else:
            send(handler, 200, content)


def send(handler, status, body):
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def pieces(size):
    data = TEXT.encode()
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_a_log_is_followed_to_its_end_and_nothing_comes_twice(stub, ask, ranges, packed, size):
    Growing(stub, pieces(size), ranges=ranges, packed=packed)
    written = []
    chroot = ask(lambda proxy: proxy.follow_log(5, CHROOT, written.append, interval=0))
    assert "".join(written) == TEXT
    assert chroot.state == "failed"


def test_what_was_read_is_not_asked_for_again(stub, ask):
    service = Growing(stub, pieces(20))
    ask(lambda proxy: proxy.follow_log(5, CHROOT, lambda text: None, interval=0))
    assert [asked for _, asked in service.asked[:3]] == [None, "bytes=20-", "bytes=40-"]


def test_a_log_is_read_at_once(stub, ask):
    Growing(stub, [TEXT.encode()])
    assert ask(lambda proxy: proxy.get_log(5, CHROOT)) == TEXT


def test_a_packed_log_is_text_too(stub, ask):
    Growing(stub, [TEXT.encode()], packed=True).looks = 1
    assert ask(lambda proxy: proxy.get_log(5, CHROOT)) == TEXT


def test_a_log_that_is_not_there_is_named(stub, ask):
    chroot = b'{"state": "running", "result_url": "%s/results/"}' % stub.url.encode()
    stub.answers = [(200, {}, chroot), (404, {}, b""), (404, {}, b"")]
    with pytest.raises(CoprNoResultException, match=r"Build 5 has no file root\.log at http"):
        ask(lambda proxy: proxy.get_log(5, CHROOT, "root.log"))


def test_a_chroot_without_results_says_how_far_it_is(stub, ask):
    stub.answers = [(200, {}, b'{"state": "pending", "result_url": null}')]
    with pytest.raises(CoprException, match="has no results for fedora-45-x86_64 yet; it is pending"):
        ask(lambda proxy: proxy.get_log(5, CHROOT))


def test_the_log_of_the_source_is_followed_from_before_it_begins(stub, ask):
    source = b'{"state": "succeeded", "result_url": "%s/results/"}' % stub.url.encode()
    stub.answers = [
        (200, {}, b'{"state": "pending"}'),
        (200, {}, b'{"state": "importing"}'),
        (200, {}, source),
        (200, {}, TEXT.encode()),
    ]
    written = []
    ask(lambda proxy: proxy.follow_log(5, None, written.append, interval=0))
    assert "".join(written) == TEXT


NO_CHROOT = (404, {}, b'{"error": "Build was not submitted to this chroot"}')


def before_its_source(state, *chroots):
    return 200, {}, json.dumps({"id": 5, "state": state, "chroots": chroots}).encode()


def test_the_log_of_a_build_without_chroots_yet_is_followed_when_it_has_them(stub, ask):
    done = (200, {}, f'{{"state": "succeeded", "result_url": "{stub.url}/results/"}}'.encode())
    stub.answers = [
        *(NO_CHROOT, before_its_source("importing")),
        *(NO_CHROOT, before_its_source("pending", CHROOT, "another")),
        done,
        (200, {}, b"a log"),
    ]
    pieces = []
    found = ask(lambda proxy: proxy.follow_log(5, CHROOT, pieces.append, interval=0))
    assert (found.state, pieces) == ("succeeded", ["a log"])


@pytest.mark.parametrize(
    "whole",
    [before_its_source("failed"), before_its_source("running", "another"), before_its_source("canceled")],
)
def test_a_build_that_will_never_have_a_chroot_is_not_waited_for(stub, ask, whole):
    stub.answers = [NO_CHROOT, whole]
    with pytest.raises(CoprNoResultException, match="not submitted to this chroot"):
        ask(lambda proxy: proxy.follow_log(5, CHROOT, interval=0))


def test_a_build_that_does_not_exist_has_no_log(stub, ask):
    stub.answers = [(404, {}, b'{"error": "Build 5 does not exist."}')]
    with pytest.raises(CoprNoResultException, match="does not exist"):
        ask(lambda proxy: proxy.follow_log(5, CHROOT, interval=0))
