"""A large document that is decoded in pieces is the document that `json` makes of it."""

from __future__ import annotations

import json
from random import Random

import pytest

from copr import _large
from copr._calls import LARGE, listing
from copr._wire import Call, Reply

TEXTS = ["", "a", "name", "}, {", '{"items": [', "\\", '"', "é😀", "x" * 40]


def value(random, depth=3):
    kind = random.randrange(6 if depth else 4)
    if kind == 5:
        return {random.choice(TEXTS): value(random, depth - 1) for _ in range(random.randrange(4))}
    if kind == 4:
        return [value(random, depth - 1) for _ in range(random.randrange(4))]
    return random.choice([random.choice(TEXTS), random.randrange(10**6), None])


def document(random):
    items = {"items": [value(random) for _ in range(random.randrange(20))], "meta": value(random)}
    return items if random.random() < 0.8 else value(random)


@pytest.fixture(scope="module", autouse=True)
def tiny_pieces():
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(_large, "PIECE", 16)
        yield


@pytest.mark.parametrize("seed", range(5))
def test_a_document_in_pieces_is_the_same_document(seed):
    random = Random(seed)
    for _ in range(100):
        whole = document(random)
        text = json.dumps(whole, ensure_ascii=random.random() < 0.5, indent=random.choice([None, 1])).encode()
        size = random.randint(4, 50)
        blocks = [text[place : place + size] for place in range(0, len(text), size)]
        assert _large.decode(blocks, dict) == whole
        assert blocks == []


def test_a_document_that_was_cut_is_an_error_and_other_encodings_are_known():
    random = Random(1)
    for _ in range(100):
        whole = document(random)
        text = json.dumps(whole)
        assert _large.decode([text.encode(random.choice(["utf-16", "utf-32"]))], dict) == whole
        if len(text) > 4 and text[0] in '{["':
            with pytest.raises(json.JSONDecodeError):
                _large.decode([text[: random.randrange(4, len(text))].encode()], dict)


def test_a_large_page_is_a_page(monkeypatch):
    monkeypatch.setattr(_large, "PIECE", 4096)
    items = [{"id": number, "name": "x" * 100, "source_package": {"name": None}} for number in range(15_000)]
    body = json.dumps({"items": items, "meta": {"limit": None}}).encode()
    assert len(body) > LARGE
    reply = Reply(200, "OK", "http://service/", {}, [body[:1_000_000], body[1_000_000:]])
    page = listing(Call("GET", "/build/list", decode=listing), reply)
    assert page == items
    assert page[-1].source_package.name is None
    assert page.meta.limit is None
    assert reply.size == 0
