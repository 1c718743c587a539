"""What the server uses of libraries beyond their documentation still exists, and still does what it needs.

A row is: the library, the place in our code, what it uses there, and a check with the library's own objects.
A failure names the library's version and our place. The client's rows are in `test_private_attributes.py`.
"""

from __future__ import annotations

import http.client
import subprocess
import time
from contextlib import ExitStack
from importlib.metadata import version

import pytest
from waitress.adjustments import Adjustments
from wtforms import Form, IntegerField, StringField

from copr_local.builders.repository import metadata, update
from copr_local.http import bodies, server
from copr_local.http.injected_faults import Faults
from copr_local.http.parser import LARGEST_BODY, Parser
from copr_local.testing.rpm_file import RpmFile

PAGE = b"0123456789" * 10


def application(environ, start_response):
    start_response("200 OK", [("Content-Length", str(len(PAGE)))])
    return [PAGE]


@pytest.fixture
def faults():
    return Faults()


@pytest.fixture
def running(tmp_path, faults):
    """Our HTTP server with an application that returns 100 bytes: its port, itself, and what stops it."""
    listener = server.bind("127.0.0.1", 0)
    port = listener.getsockname()[1]
    service = server.HttpServer(
        application, listener, tmp_path, faults, lambda *_headers: True, lambda *_request: "one"
    )
    service.start()
    stop = ExitStack()
    stop.callback(listener.close)
    stop.callback(service.stop)
    yield port, service, stop
    stop.close()


def fetched(port, method="GET", body=None):
    request = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        request.request(method, "/", body)
        response = request.getresponse()
        return response.status, response.read()
    finally:
        request.close()


def parser(tmp_path):
    return Parser(Adjustments(), folder=tmp_path, faults=Faults(), is_known=lambda *_headers: True)


def a_parser_tells_what_was_read_of_a_request(tmp_path, running, faults):
    reading = parser(tmp_path)
    assert not reading.headers_finished
    head = b"POST /a HTTP/1.1\r\nContent-Length: 8\r\nExpect: 100-continue\r\nAuthorization: Basic x\r\n\r\n"
    assert reading.received(head) == len(head)
    assert reading.headers_finished
    assert reading.expect_continue
    assert (reading.command, reading.path, reading.content_length) == ("POST", "/a", 8)
    assert reading.headers["AUTHORIZATION"] == "Basic x"
    assert (reading.error, reading.empty, reading.chunked, reading.completed) == (None, False, False, False)
    assert reading.received(b"half") == 4
    assert reading.body_bytes_received == 4
    assert reading.received(b"full") == 4
    assert reading.completed
    assert reading.body_rcv.getbuf().get(8) == b"halffull"


def a_large_body_is_moved_to_a_file_of_ours(tmp_path, running, faults):
    spool = bodies.Spool(20_000, tmp_path)
    spool.append(b"a" * 10_000)
    assert not isinstance(spool.buf, bodies._SpoolFile)
    spool.append(b"b" * 10_001)
    assert isinstance(spool.buf, bodies._SpoolFile)
    assert spool.overflowed
    assert spool.get(30_000) == b"a" * 10_000 + b"b" * 10_001
    reading = parser(tmp_path)
    reading.received(b"POST / HTTP/1.1\r\nContent-Length: 8\r\n\r\n")
    assert isinstance(reading.body_rcv.buf, bodies.Spool)
    spool.close()


def a_task_sends_the_head_once_and_counts_the_body(tmp_path, running, faults):
    port, *_ = running
    assert fetched(port) == (200, PAGE)
    with faults.cut(7), pytest.raises(http.client.IncompleteRead) as cut:
        fetched(port)
    assert cut.value.partial == PAGE[:7]
    with faults.status(502, "after"):
        assert fetched(port)[0] == 502
    with faults.drip(1000):
        assert fetched(port) == (200, PAGE)


def a_connection_can_be_reset(tmp_path, running, faults):
    port, *_ = running
    for when in ("before", "during", "after"):
        with faults.reset(when), pytest.raises(ConnectionError):
            fetched(port, "POST", b"x" * 1000)
    assert fetched(port) == (200, PAGE)


def an_error_before_the_application_has_our_document(tmp_path, running, faults):
    port, *_ = running
    status, body = fetched(port, "POST", b"x" * (LARGEST_BODY + 1))
    assert status == 413
    assert body.startswith(b'{"output": "notok", "error": "The body of this request')


def the_loop_ends_when_it_is_told_to(tmp_path, running, faults):
    port, service, stop = running
    idle = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    idle.request("GET", "/")
    assert idle.getresponse().read() == PAGE
    began = time.monotonic()
    stop.close()
    assert time.monotonic() - began < 10
    assert service._map == {}
    idle.close()


def records_of_createrepo_are_found_by_our_patterns(tmp_path, running, faults):
    for name in ("one", "two & <three>"):
        folder = tmp_path / "repository" / name
        folder.mkdir(parents=True)
        RpmFile("hello", 0, "1", "1", "noarch", "hello-1-1.src.rpm", "/usr/share/hello", "Hello.", 9).write(
            folder
        )
    repository = tmp_path / "repository"
    subprocess.run(
        [update.program(), "--no-database", "--general-compress-type", "gz", repository],
        check=True,
        capture_output=True,
    )
    assert metadata.files_of(repository / "repodata" / "repomd.xml").keys() == {
        "primary",
        "filelists",
        "other",
    }
    read = metadata._read(repository / "repodata")
    expected = {
        path.relative_to(repository).as_posix(): (path.stat().st_size, int(path.stat().st_mtime))
        for path in repository.rglob("*.rpm")
    }
    assert dict(read.packages) == expected
    for kind in ("filelists", "other"):
        found = [metadata._PACKAGE.match(record)[1] for record in metadata._records(read.files[kind])]
        assert sorted(found) == sorted(read.checksums)


def a_form_has_its_fields_by_name(tmp_path, running, faults):
    class Example(Form):
        name = StringField()
        count = IntegerField()

    assert list(Example()._fields) == ["name", "count"]
    assert Example(data={"count": 3})._fields["count"].data == 3


HTTP = "copr_local.http.connection"
ROWS = [
    (
        "waitress",
        "copr_local.http.parser.Parser",
        "HTTPRequestParser's state",
        a_parser_tells_what_was_read_of_a_request,
    ),
    (
        "waitress",
        "copr_local.http.bodies.Spool",
        "OverflowableBuffer._set_large_buffer",
        a_large_body_is_moved_to_a_file_of_ours,
    ),
    ("waitress", f"{HTTP}._Answer", "WSGITask.write", a_task_sends_the_head_once_and_counts_the_body),
    ("waitress", f"{HTTP}.Channel", "HTTPChannel.socket", a_connection_can_be_reset),
    (
        "waitress",
        "copr_local.http.refusals.Refused",
        "Error.to_response",
        an_error_before_the_application_has_our_document,
    ),
    ("waitress", "copr_local.http.server", "wasyncore.loop", the_loop_ends_when_it_is_told_to),
    (
        "createrepo_c",
        "copr_local.builders.repository.metadata",
        "the form of its XML",
        records_of_createrepo_are_found_by_our_patterns,
    ),
    ("wtforms", "copr_local.wire.project_forms", "Form._fields", a_form_has_its_fields_by_name),
]


@pytest.mark.parametrize(("library", "place", "used", "check"), ROWS, ids=[row[3].__name__ for row in ROWS])
def test_a_part_of_a_library_does_what_our_code_needs(library, place, used, check, tmp_path, running, faults):
    try:
        check(tmp_path, running, faults)
    except Exception as changed:
        pytest.fail(
            f"{library} {version(library)} has no {used} any more, or uses it in another way; "
            f"{place} needs it: {changed!r}"
        )
