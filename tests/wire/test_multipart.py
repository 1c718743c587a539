"""Multipart bodies: any reader takes them apart again, whatever the sizes of the blocks."""

from __future__ import annotations

import io
import json
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.formparser import parse_form_data

from copr._multipart import MultipartReader
from copr._wire import FilePart


def parsed(body: bytes, content_type: str):
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    _, form, files = parse_form_data(environ, stream_factory=lambda **_: io.BytesIO())
    return form, files


@given(
    st.binary(max_size=300),
    st.dictionaries(st.text(max_size=8), st.integers(), max_size=3),
    st.lists(st.integers(1, 200), min_size=1, max_size=8),
)
def test_what_is_written_in_blocks_of_any_size_is_read_again(content, document, sizes):
    with TemporaryDirectory() as folder:
        file = Path(folder, "a.src.rpm")
        file.write_bytes(content)
        part = FilePart("pkgs", file, "a.src.rpm", "application/x-rpm")
        reader = MultipartReader((part,), json.dumps(document).encode())
        length = reader.len
        body = b""
        with closing(reader):
            while block := reader.read(sizes[len(body) % len(sizes)]):
                body += block
                assert reader.len == length - len(body)
    assert len(body) == length
    _, files = parsed(body, reader.content_type)
    assert files["pkgs"].read() == content
    assert files["pkgs"].filename == "a.src.rpm"
    assert files["pkgs"].content_type == "application/x-rpm"
    assert json.loads(files["json"].read()) == document


def test_one_read_gives_all():
    reader = MultipartReader((), b"{}", boundary="b")
    assert reader.read().endswith(b"{}\r\n--b--\r\n")
    assert reader.read() == b""


@pytest.mark.parametrize(("now", "word"), [(b"longer than before", "longer"), (b"", "shorter")])
def test_a_file_that_changes_its_size_is_an_error_and_not_a_broken_body(tmp_path, now, word):
    file = tmp_path / "a.src.rpm"
    file.write_bytes(b"before")
    reader = MultipartReader((FilePart("pkgs", file, "a.src.rpm", "application/x-rpm"),))
    file.write_bytes(now)
    with closing(reader), pytest.raises(OSError, match=word):
        reader.read()
