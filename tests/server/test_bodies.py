"""Invalid request bodies: they are refused, and do not break the service."""

from __future__ import annotations

import base64
import io
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from copr_local import LocalCopr
from copr_local.rules import sessions
from copr_local.wire.context import LARGEST_BODY, LARGEST_TEXT, LARGEST_UPLOAD

DEEP = "[" * 200_000
JSON = {"Content-Type": "application/json"}
FORM = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.fixture(autouse=True)
def project(api: Any) -> Any:
    return api.project()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/api_3/project/permissions/request/local/hello"),
        ("PUT", "/api_3/project/permissions/set/local/hello"),
        ("DELETE", "/api_3/build/delete/list"),
        ("PUT", "/api_3/project/edit/local/hello"),
        ("POST", "/api_2/projects"),
        ("POST", "/api/coprs/local/new/"),
        ("POST", "/webhooks/github/1/none"),
    ],
)
def test_json_that_is_nested_too_deeply_is_no_fault(
    copr: LocalCopr, caplog: pytest.LogCaptureFixture, method: str, path: str
) -> None:
    login = (copr.config["login"], copr.config["token"])
    copr.app.test_client().open(path, method=method, data=DEEP, headers=JSON, auth=login)
    assert "a request failed" not in caplog.text
    assert "Exception on" not in caplog.text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api_3/project/add/local", "application/json"),
        ("/api_2/projects", "application/json"),
        ("/api/coprs/local/new/", "application/x-www-form-urlencoded"),
        ("/login/", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_without_files_has_a_limit(copr: LocalCopr, path: str, kind: str) -> None:
    client, login = copr.app.test_client(), (copr.config["login"], copr.config["token"])
    for size, is_refused in ((LARGEST_TEXT, False), (LARGEST_TEXT + 1, True)):
        answer = client.post(path, data=b"{".ljust(size), content_type=kind, auth=login)
        assert (answer.status_code == 413) == is_refused


def test_a_very_long_number_is_not_json(api: Any) -> None:
    for digits in (500, 501, 100_000):
        body = f'{{"builds": [{"9" * digits}]}}'
        answer = api.raw("DELETE", "/build/delete/list", data=body, headers=JSON)
        assert (answer.status_code, "9" * 500 in answer.text) == (400, digits == 500)


def test_builds_to_delete_have_numbers(api: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = api.raw("DELETE", "/build/delete/list", data='{"builds": [Infinity]}', headers=JSON)
    assert answer.status_code == 500
    assert "a request failed" not in caplog.text


@pytest.mark.parametrize("nothing", ["", "{", "null", "[]", "{}", "0", "false", '""'])
def test_a_body_that_is_nothing_in_json_lacks_everything(api: Any, nothing: str) -> None:
    answer = api.raw("POST", "/project/add/local", data=nothing, headers=JSON)
    assert answer.status_code == 400
    assert answer.get_json()["error"].startswith("name: This field is required.")


@pytest.mark.parametrize("something", ["[1]", "5", "true", '"name"'])
def test_a_body_that_is_something_else_than_fields_is_a_fault(api: Any, something: str) -> None:
    assert api.raw("POST", "/project/add/local", data=something, headers=JSON).status_code == 500


@pytest.mark.parametrize(("part", "status"), [(b"{", 500), (b"[1]", 500), (b"null", 415)])
def test_a_part_of_json_has_to_be_json(api: Any, part: bytes, status: int) -> None:
    data = {
        "json": (io.BytesIO(part), "json", "application/json"),
        "pkgs": (io.BytesIO(b"Name: hello"), "hello.spec", "text/plain"),
    }
    assert api.raw("POST", "/build/create/upload", data=data).status_code == status


def test_a_user_whose_name_is_half_a_character_does_not_exist(api: Any) -> None:
    path = "/project/permissions/set/local/hello"
    error = api.error("PUT", path, 400, {"half \ud800": {"builder": "approved"}})
    assert error == "user 'half ?' doesn't exist in database"


@pytest.mark.parametrize("path", ["/api_2/projects", "/api/coprs/local/new/"])
def test_a_name_that_is_too_long_for_a_project_is_said_to_be_so(copr: LocalCopr, path: str) -> None:
    login = (copr.config["login"], copr.config["token"])
    name = "x" * 300
    body = {"name": name, "chroots": ["fedora-45-x86_64"], "fedora-45-x86_64": "y"}
    answer = copr.app.test_client().post(path, json=body, auth=login)
    assert "Field cannot be longer than 100 characters." in answer.text


def kept(copr: LocalCopr) -> list[str]:
    """Return the temporary files of request bodies; they have no names, only open descriptors."""
    opened = [Path("/proc/self/fd", number) for number in os.listdir("/proc/self/fd")]
    links = [os.readlink(file) for file in opened if file.is_symlink()]
    return [link for link in links if link.startswith(str(copr.data / "incoming"))]


def begin(copr: LocalCopr, length: int, headers: dict[str, str], body: bytes = b"") -> socket.socket:
    """Open a connection and send the beginning of a request."""
    address = urlsplit(copr.url)
    connection = socket.create_connection((address.hostname, address.port), timeout=20)
    head = {"Host": "x", "Content-Length": str(length), **headers}
    lines = [
        "POST /api_3/build/create/upload HTTP/1.1",
        *(f"{name}: {value}" for name, value in head.items()),
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return connection


@pytest.mark.parametrize(
    "headers", [JSON, FORM, JSON | {"Authorization": "Basic x"}, FORM | {"Cookie": "a=b"}]
)
def test_a_body_that_is_too_large_is_refused_by_its_head(copr: LocalCopr, headers: dict[str, str]) -> None:
    waiting = headers | {"Expect": "100-continue"}
    with begin(copr, LARGEST_BODY + 1, waiting) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("how", ["token", "session"])
def test_users_of_the_service_may_send_a_larger_form(copr: LocalCopr, how: str) -> None:
    encoded = base64.b64encode(f"{copr.config['login']}:{copr.config['token']}".encode()).decode()
    who = {"Authorization": f"Basic {encoded}"}
    if how == "session":
        with copr.database.writing() as tx:
            who = {"Cookie": f"a=b; session={sessions.log_in(tx, 'alice@EXAMPLE.COM')[1]}"}
    waiting = FORM | who | {"Expect": "100-continue"}
    with begin(copr, LARGEST_UPLOAD, waiting) as connection:
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
    with begin(copr, LARGEST_UPLOAD + 1, waiting) as connection:
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ({"Authorization": "Basic x"}, 401),
        ({"Authorization": "Basic bm9ib2R5Om5vdGhpbmc="}, 401),
        ({"Authorization": "x"}, 401),
        ({"Cookie": "a=b; session=x"}, 413),
    ],
)
def test_who_only_claims_to_be_a_user_may_not_send_a_larger_form(
    copr: LocalCopr, who: dict[str, str], status: int
) -> None:
    with begin(copr, LARGEST_BODY + 1, FORM | who | {"Expect": "100-continue"}) as connection:
        assert connection.recv(65536).startswith(f"HTTP/1.1 {status} ".encode())


def test_nothing_of_a_refused_body_is_kept(copr: LocalCopr, api: Any) -> None:
    megabytes = bytes(3 * 1024**2)
    with begin(copr, LARGEST_BODY, FORM, megabytes):
        api.until(lambda: kept(copr))
    api.until(lambda: not kept(copr))
    with begin(copr, LARGEST_BODY + 1, FORM, megabytes) as refused:
        refused.sendall(bytes(LARGEST_BODY - len(megabytes)))
        assert kept(copr) == []
        refused.sendall(b"x")
        assert refused.recv(65536).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("in_chunks", [False, True])
@pytest.mark.parametrize(
    ("path", "member"),
    [("/api/coprs/local/new/", "error"), ("/api_2/builds", "message"), ("/api_3/x", "error")],
)
def test_a_client_of_any_api_that_sends_all_of_it_can_read_why_it_was_refused(
    copr: LocalCopr, path: str, member: str, in_chunks: bool
) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(LARGEST_BODY // 2**20 + 8):
            yield bytes(2**20)

    body = pieces() if in_chunks else b"".join(pieces())
    answer = requests.post(copr.url + path, data=body, headers=JSON, timeout=30)
    assert answer.status_code == 413
    assert str(LARGEST_BODY) in answer.json()[member]
    assert kept(copr) == []
