"""Multipart bodies can be parsed by any reader, in blocks of any size."""

from __future__ import annotations

import io
import json
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.formparser import parse_form_data

from copr._calls import opened_file
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


@settings(deadline=None)
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


def test_a_form_travels_before_its_files_and_repeats_what_is_a_list(tmp_path):
    file = tmp_path / "a.src.rpm"
    file.write_bytes(b"\xed\xab\xee\xdb")
    part = FilePart("pkgs", file, "a.src.rpm", "application/x-rpm")
    fields = {"timeout": 60, "python_versions": ["3", "2"], 'quo"ted': "é"}
    reader = MultipartReader((part,), boundary="b", fields=fields)
    length, body = reader.len, reader.read()
    assert len(body) == length
    assert body.decode("latin-1").split("--b")[1:-1] == [
        '\r\nContent-Disposition: form-data; name="timeout"\r\n\r\n60\r\n',
        '\r\nContent-Disposition: form-data; name="python_versions"\r\n\r\n3\r\n',
        '\r\nContent-Disposition: form-data; name="python_versions"\r\n\r\n2\r\n',
        '\r\nContent-Disposition: form-data; name="quo%22ted"\r\n\r\n\xc3\xa9\r\n',
        '\r\nContent-Disposition: form-data; name="pkgs"; filename="a.src.rpm"\r\n'
        "Content-Type: application/x-rpm\r\n\r\n\xed\xab\xee\xdb\r\n",
    ]


def test_a_file_that_the_caller_opened_is_named_if_it_can_be_and_else_read(tmp_path):
    file = tmp_path / "a.src.rpm"
    file.write_bytes(b"0123456789")
    with file.open("rb") as opened:
        assert opened_file("srpm", opened, None, "application/x-rpm") == FilePart(
            "srpm", str(file), "a.src.rpm", "application/x-rpm"
        )
        opened.read(4)
        part = opened_file("srpm", opened, "b.src.rpm", "application/x-rpm")
    assert b'filename="b.src.rpm"' in MultipartReader((part,), boundary="b").read()
    assert part.content == b"456789"
    assert opened_file("srpm", io.BytesIO(b"x"), None, "text/plain").content == b"x"
