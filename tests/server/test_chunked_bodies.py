"""Chunked bodies: read as waitress reads them, but in a time that grows with their size only."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

import pytest
from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.receiver import ChunkedReceiver

from copr_local.http.bodies import Chunks
from copr_local.http.injected_faults import Faults
from copr_local.http.parser import Parser

NEXT = b"GET / HTTP/1.1\r\n\r\n"
DATA = random.Random(2).randbytes(9_000)
BODIES = {
    "chunks": b"5\r\nhello\r\n1;a=b\r\n!\r\n0\r\n\r\n",
    "a large chunk": b"%x\r\n" % len(DATA) + DATA + b"\r\n0\r\n\r\n",
    "many chunks": b"3\r\nabc\r\n" * 3_000 + b"0\r\n\r\n",
    "a trailer": b"5\r\nhello\r\n0\r\nX: y\r\nZ: z\r\n\r\n",
    "no size": b"5\r\nhello\r\nx\r\n",
    "no end of a chunk": b"5\r\nhello!\r\n0\r\n\r\n",
    "a wrong extension": b"5;\x00\r\nhello\r\n0\r\n\r\n",
    "nothing": b"0\r\n\r\n",
}


def read(reader: Any, body: bytes, longest: int) -> tuple[bytes, bytes, bool, str | None]:
    """Return the data, what is left of the body, and how the reader ended."""
    choose = random.Random(longest)
    left = body
    while left and not (reader.completed or reader.error):
        piece = left[: choose.randint(1, longest)]
        left = left[reader.received(piece) :]
    error = None if reader.error is None else str(reader.error.body)
    return reader.getfile().read(), b"" if error else left, reader.completed, error


@pytest.mark.parametrize("longest", [3, 700, 100_000])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_chunked_body_is_read_as_waitress_reads_it(body: bytes, longest: int) -> None:
    expected = read(ChunkedReceiver(OverflowableBuffer(10**6)), body + NEXT, longest)
    assert read(Chunks(OverflowableBuffer(10**6)), body + NEXT, longest) == expected


def test_many_small_chunks_take_no_longer_than_their_number() -> None:
    def seconds(count: int) -> float:
        body, reader = b"1\r\nx\r\n" * count, Chunks(OverflowableBuffer(10**6))
        began = time.process_time()
        reader.received(body)
        return time.process_time() - began

    few, many = (min(seconds(count) for _ in range(3)) for count in (1_000, 20_000))
    assert many < 60 * few  # waitress: 400 times


@pytest.mark.parametrize("body", [b"0;a=" + b"b" * 10_000, b"0\r\n" + b"X: y\r\n" * 20_000])
def test_what_is_not_data_has_a_limit(body: bytes) -> None:
    reader = Chunks(OverflowableBuffer(10**6))
    assert reader.received(body) < len(body)
    assert reader.error.code == 400


@pytest.fixture
def parser(tmp_path: Path) -> Parser:
    return Parser(Adjustments(), folder=tmp_path, faults=Faults(), is_known=lambda *_headers: True)


def test_a_form_of_unknown_size_is_taken_apart_while_it_arrives(parser: Parser, tmp_path: Path) -> None:
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
    part = b'--b\r\nContent-Disposition: form-data; name="a"; filename="a"\r\n\r\n' + DATA + b"\r\n--b--\r\n"
    parser.received(head + b"Content-Type: multipart/form-data; boundary=b\r\n\r\n")
    for some in (part[:5_000], part[5_000:]):
        parser.received(b"%x\r\n" % len(some) + some + b"\r\n")
    parser.received(b"0\r\n\r\n")
    assert (parser.completed, parser.headers["CONTENT_LENGTH"]) == (True, str(len(part)))
    assert parser.form is not None
    (file,) = parser.form.parse(parser.form.getfile(), "multipart/form-data")[2].values()
    assert file.stream.read() == DATA
    assert [Path(str(file.stream.name))] == list(tmp_path.iterdir())  # type: ignore[attr-defined]  # a named file
    parser.close()


def test_empty_lines_before_a_request_are_read_at_once(parser: Parser) -> None:
    lines = b"\r\n" * 50_000
    assert parser.received(lines) == len(lines)
    assert (parser.completed, parser.empty) == (False, False)
    assert parser.received(lines + NEXT + b"rest") == len(lines + NEXT)
    assert (parser.completed, parser.command) == (True, "GET")
