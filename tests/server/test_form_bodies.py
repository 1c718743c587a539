"""Large forms are taken apart while they arrive, with the same result as werkzeug has for the whole body."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import pytest
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from copr_local.http import form_body
from copr_local.http.form_body import FormBody

BOUNDARY = b"----boundary-of-the-form"
TYPE = f"multipart/form-data; boundary={BOUNDARY.decode()}"
OPTIONS: Any = {
    "max_form_memory_size": form_body.LONGEST_FIELD,
    "max_form_parts": form_body.MOST_PARTS,
    "stream_factory": lambda **_: io.BytesIO(),
}


def part(content: bytes, name: str = "pkgs", filename: str | None = "a.src.rpm", *headers: str) -> bytes:
    kind = f'; filename="{filename}"' if filename is not None else ""
    lines = [f'Content-Disposition: form-data; name="{name}"{kind}', *headers]
    return b"--" + BOUNDARY + b"\r\n" + "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n"


def field(name: str, value: bytes, *headers: str) -> bytes:
    return part(value, name, None, *headers)


END = b"--" + BOUNDARY + b"--\r\n"
RANDOM = random.Random(1).randbytes(4_000)
NEARLY = b"\r\n--" + BOUNDARY[:-1]
FORMS = {
    "an upload": field("ownername", b"local") + part(RANDOM) + END,
    "fields after the file": part(RANDOM) + field("a", b"1") + field("a", b"2") + END,
    "several files": part(b'{"a": 1}', "json", "json") + part(RANDOM) + part(b"") + END,
    "nearly a boundary": part(50 * NEARLY + b"\r\n-" + RANDOM + b"\r\r\n\n\r") + END,
    "the boundary within a line": part(RANDOM + b"--" + BOUNDARY + b" is no end" + RANDOM) + END,
    "only line feeds": (field("a", b"1") + part(RANDOM[:99].replace(b"\r", b"")) + END).replace(
        b"\r\n", b"\n"
    ),
    "a preamble and an epilogue": b"before\r\n" + field("a", b"1") + part(RANDOM) + END + 9 * RANDOM,
    "other letters": field("a", b"\xe4", "Content-Type: text/plain; charset=iso-8859-1") + END,
    "not the letters it says": field("a", b"\xe4\xff") + END,
    "no end": field("a", b"1") + part(RANDOM),
    "no name of a part": b"--" + BOUNDARY + b"\r\nContent-Type: x\r\n\r\n" + RANDOM + b"\r\n" + END,
    "no form": RANDOM,
    "empty": b"",
    "only the end": END,
}
TOO_LARGE = {
    "a long field": field("a", b"x" * (form_body.LONGEST_FIELD + 1)) + part(RANDOM) + END,
    "a long header": part(RANDOM, "pkgs", "a", "X: " + "x" * form_body.LONGEST_FIELD) + END,
    "many fields": (form_body.MOST_PARTS + 1) * field("a", b"") + END,
}


def pieces(body: bytes, longest: int) -> list[bytes]:
    """Divide a body at random places."""
    choose = random.Random(longest)
    found = []
    while body:
        size = choose.randint(1, longest)
        found.append(body[:size])
        body = body[size:]
    return found


def plain(form: Any, files: Any) -> tuple[Any, Any]:
    """Return fields and files as values that can be compared."""
    return (
        list(form.items(multi=True)),
        [
            (name, file.filename, file.stream.read(), list(file.headers))
            for name, file in files.items(multi=True)
        ],
    )


def received(folder: Path, parts: list[bytes]) -> FormBody:
    form = FormBody.for_type(TYPE, folder)
    assert form is not None
    for some in parts:
        form.append(some)
    return form


@pytest.mark.parametrize("longest", [7, 300, 1_000_000])
@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_a_form_has_the_parts_that_werkzeug_finds(body: bytes, longest: int, tmp_path: Path) -> None:
    form = received(tmp_path, pieces(body, longest))
    assert len(form) == len(body)
    found = form.parse(form.getfile(), "multipart/form-data", len(body), {})[1:]
    wanted = FormDataParser(**OPTIONS).parse(
        io.BytesIO(body), "multipart/form-data", len(body), {"boundary": BOUNDARY.decode()}
    )[1:]
    assert plain(*found) == plain(*wanted)
    form.close()
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_the_same_wherever_the_body_is_cut(tmp_path: Path) -> None:
    body = part(b"xy\r\n") + field("a", b"") + END
    places = [(first, second) for second in range(len(body) + 1) for first in (0, second // 2, second - 1)]
    for first, second in places:
        form = received(tmp_path, [body[:first], body[first:second], body[second:]])
        _, fields, files = form.parse(form.getfile(), form_body.FORM)
        assert files["pkgs"].stream.read() == b"xy\r\n"
        assert fields["a"] == ""
        form.close()


@pytest.mark.parametrize("body", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_form_with_too_much_is_refused_and_not_kept(body: bytes, tmp_path: Path) -> None:
    parser = FormDataParser(**OPTIONS, silent=False)
    with pytest.raises(RequestEntityTooLarge):
        parser.parse(io.BytesIO(body), "multipart/form-data", len(body), {"boundary": BOUNDARY.decode()})
    form = received(tmp_path, pieces(body, 300_000))
    with pytest.raises(RequestEntityTooLarge):
        form.parse(form.getfile(), form_body.FORM)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("some", "count"),
    [(field("a", b"x" * 400_000), 50), (part(b""), form_body.MOST_FILES)],
    ids=["fields", "files"],
)
def test_all_fields_and_all_files_are_limited(some: bytes, count: int, tmp_path: Path) -> None:
    form = received(tmp_path, [part(RANDOM), *count * [some], END])
    with pytest.raises(RequestEntityTooLarge):
        form.parse(form.getfile(), form_body.FORM)
    assert list(tmp_path.iterdir()) == []


def test_a_file_is_written_where_it_stays(tmp_path: Path) -> None:
    form = received(tmp_path, [part(RANDOM), END])
    (name,) = [path.name for path in tmp_path.iterdir()]
    (file,) = form.parse(form.getfile(), form_body.FORM)[2].values()
    assert Path(str(file.stream.name)) == tmp_path / name  # type: ignore[attr-defined]  # a named file


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=ä", "text/plain; boundary=x"]
)
def test_other_bodies_are_not_taken_apart(kind: str, tmp_path: Path) -> None:
    assert FormBody.for_type(kind, tmp_path) is None
