"""Uploads: what is accepted, where the file is stored, and that it is not kept in memory or copied."""

from __future__ import annotations

import base64
import http.client
import io
import json
import os
import resource
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from copr_local import LocalCopr
from copr_local.data.data_folder import DataFolder
from copr_local.wire.context import LARGEST_BODY

SRPM = "hello-1.0-1.src.rpm"
ONLY = "Bad request parameters: {'pkgs': ['You can upload only .src.rpm, .nosrc.rpm, and .spec files']}"


@pytest.fixture(autouse=True)
def project(api: Any) -> Any:
    return api.project()


def uploads(copr: LocalCopr) -> list[Path]:
    return [Path(folder, name) for folder, _, names in os.walk(copr.data / "tmp") for name in names]


def test_an_upload_is_a_build_with_the_files_address(api: Any, script: Any, copr: LocalCopr) -> None:
    script.hold()
    made = api.upload(SRPM, b"x" * 5000, chroots=["fedora-45-x86_64"], timeout=3600, background=True)
    assert (made["chroots"], made["is_background"], made["state"]) == (["fedora-45-x86_64"], True, "pending")
    (file,) = uploads(copr)
    url = f"{copr.url}/tmp/{file.parent.name}/{SRPM}"
    assert made["source_package"] == {"name": None, "url": url, "version": None}
    assert api.get(f"/build/source-build-config/{made['id']}") == {
        "source_type": "upload",
        "source_dict": {"url": url, "pkg": SRPM, "tmp": file.parent.name},
        "memory_limit": 2048,
        "timeout": 3600,
        "is_background": True,
    }
    served = copr.app.test_client().get(urlsplit(url).path)
    assert served.data == file.read_bytes() == b"x" * 5000
    served.close()


def test_the_file_goes_when_the_source_step_is_over(api: Any, script: Any, copr: LocalCopr) -> None:
    assert api.wait(api.upload()["id"])["state"] == "succeeded"
    script.fail = {"source"}
    assert api.wait(api.upload()["id"])["state"] == "failed"
    script.fail = set()
    script.hold()
    for _ in range(3):
        last = api.upload()["id"]
    api.call("PUT", f"/build/cancel/{last}")
    assert len(uploads(copr)) == 2
    for build_id in (last - 1, last - 2):
        api.call("PUT", f"/build/cancel/{build_id}")
    api.until(lambda: not uploads(copr))


@pytest.mark.parametrize("refused", [{"project_dirname": "other"}, {"with_build_id": 999}])
def test_a_refused_upload_leaves_no_file(api: Any, copr: LocalCopr, refused: dict[str, Any]) -> None:
    api.upload(**refused, expect=400)
    assert uploads(copr) == []


def test_what_a_refused_webhook_was_sent_leaves_no_file(api: Any, copr: LocalCopr) -> None:
    api.call("POST", "/package/add/local/hello/made/custom", {"package_name": "made", "script": "#!/bin/sh"})
    secret = api.call("POST", "/webhook/generate/local/hello")["webhook_secret"]
    path = f"/webhooks/custom-dir/local/hello:{'x' * 250}/{secret}/made"
    assert copr.app.test_client().post(path, data=b"a push").status_code == 400
    assert uploads(copr) == []


def test_plain_form_fields_are_as_good_as_the_json_part(api: Any) -> None:
    data = {"ownername": "local", "projectname": "hello", "pkgs": (io.BytesIO(b"x"), SRPM)}
    response = api.raw("POST", "/build/create/upload", data=data)
    assert response.status_code == 200


def test_the_json_part_must_be_a_file(api: Any, copr: LocalCopr) -> None:
    form = json.dumps({"ownername": "local", "projectname": "hello"})
    response = api.raw("POST", "/build/create/upload", data={"json": form, "pkgs": (io.BytesIO(b"x"), SRPM)})
    assert response.status_code == 415
    assert response.get_json()["error"] == (
        "Did not attempt to load JSON data because the request Content-Type was not 'application/json'."
    )
    assert not uploads(copr)


@pytest.mark.parametrize("name", ["notrpm.txt", "hello-1.0-1.noarch.rpm", "hello.src.rpm.gz", ".src.rpm"])
def test_only_source_rpms_and_spec_files_are_accepted(name: str, api: Any, copr: LocalCopr) -> None:
    assert api.upload(name, expect=400)["error"] == ONLY
    assert not uploads(copr)


@pytest.mark.parametrize(
    "name", ["hello.spec", "a-1-1.nosrc.rpm", "A-1.SRC.RPM", "x+y-1.0~rc1^git-1.src.rpm"]
)
def test_other_names_of_sources_are_accepted(name: str, api: Any, script: Any, copr: LocalCopr) -> None:
    script.hold()
    api.upload(name)
    assert [path.name for path in uploads(copr)] == [name]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd.src.rpm", "passwd.src.rpm"),
        ("/etc/x.src.rpm", "x.src.rpm"),
        ("..\\..\\x.spec", "x.spec"),
        ("a b;$(c).spec", "a_b___c_.spec"),
        ("x" * 300 + ".spec", "x" * 195 + ".spec"),
        ("-rf.spec", "rf.spec"),
        ("grüße.spec", "gr__e.spec"),
    ],
)
def test_a_file_name_never_leads_out_of_its_folder(
    name: str, kept: str, api: Any, script: Any, copr: LocalCopr
) -> None:
    script.hold()
    api.upload(name)
    assert [path.name for path in uploads(copr)] == [kept]
    assert [path.parent.parent for path in uploads(copr)] == [copr.data / "tmp"]


def test_a_refused_upload_leaves_nothing(api: Any, copr: LocalCopr, log_in: Any) -> None:
    assert api.upload(projectname="nope", expect=404)["error"] == "Project local/nope does not exist."
    error = log_in("bob").upload(expect=403)["error"]
    assert error == "User bob is not allowed to build in the copr: local/hello"
    assert "Not a valid choice" in api.upload(bootstrap="x", expect=400)["error"]
    data = {"json": (io.BytesIO(b'{"ownername": "local", "projectname": "hello"}'), "json")}
    response = api.raw("POST", "/build/create/upload", data=data)
    assert response.get_json()["error"] == "Bad request parameters: {'pkgs': ['This field is required.']}"
    assert not uploads(copr)
    assert not list((copr.data / "incoming").iterdir())


def test_an_empty_file_is_left_to_the_builder(api: Any, script: Any) -> None:
    script.fail = {"source"}
    assert api.wait(api.upload(content=b"")["id"])["state"] == "failed"


def post(copr: LocalCopr, path: str, headers: dict[str, str], body: Any) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(copr.url).netloc, timeout=30)
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def authorization(copr: LocalCopr) -> str:

    return "Basic " + base64.b64encode(f"{copr.config['login']}:{copr.config['token']}".encode()).decode()


def test_a_large_upload_is_moved_into_place_and_not_held_in_memory(
    copr: LocalCopr, script: Any, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 256 * 1024**2
    inodes = []
    adopt = DataFolder.adopt

    def watched(data_folder: DataFolder, file: Any, name: str) -> Path:
        inodes.append(os.fstat(file.fileno()).st_ino)
        return adopt(data_folder, file, name)

    monkeypatch.setattr(DataFolder, "adopt", watched)
    script.hold()
    part = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    head = part.format("ownername", "") + "local\r\n" + part.format("projectname", "") + "hello\r\n"
    head += part.format("pkgs", f'; filename="{SRPM}"')
    tail = "\r\n--b--\r\n"

    def body() -> Any:
        yield head.encode()
        for _ in range(size // 2**20):
            yield b"\xed\xab\xee\xdb" * 2**18
        yield tail.encode()

    headers = {
        "Authorization": authorization(copr),
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(len(head) + size + len(tail)),
    }
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status, _ = post(copr, "/api_3/build/create/upload", headers, body())
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert status == 200
    (file,) = uploads(copr)
    assert file.stat().st_size == size
    assert inodes == [file.stat().st_ino]
    assert grown < 64 * 1024  # KiB


@pytest.mark.parametrize("length", [100_000, 2 * LARGEST_BODY], ids=["stored", "taken apart"])
def test_a_body_that_is_cut_short_leaves_nothing(copr: LocalCopr, api: Any, length: int) -> None:
    head = (
        f"POST /api_3/build/create/upload HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization(copr)}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n"
        f'--b\r\nContent-Disposition: form-data; name="pkgs"; filename="{SRPM}"\r\n\r\nabc'
    )
    address = urlsplit(copr.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(head.encode())
        if length > LARGEST_BODY:
            api.until(lambda: list((copr.data / "incoming").iterdir()))
    assert api.get("/build/list", ownername="local", projectname="hello")["items"] == []
    api.until(lambda: not list((copr.data / "incoming").iterdir()))
    assert not uploads(copr)


def test_a_multipart_body_that_is_none_does_not_crash(copr: LocalCopr, api: Any) -> None:
    for content in (b"", b"garbage", b"--b\r\n", b"--b\r\n\r\n\r\n--b--", os.urandom(5000)):
        response = api.raw(
            "POST", "/build/create/upload", data=content, content_type="multipart/form-data; boundary=b"
        )
        assert response.status_code == 415


def test_the_json_part_may_not_be_as_large_as_the_file(copr: LocalCopr) -> None:
    part = '--b\r\nContent-Disposition: form-data; name="json"; filename="json"\r\n\r\n"{}"\r\n--b--\r\n'
    headers = {
        "Authorization": authorization(copr),
        "Content-Type": "multipart/form-data; boundary=b",
    }
    status, answer = post(
        copr, "/api_3/build/create/upload", headers, part.format("x" * 17 * 1024**2).encode()
    )
    assert status == 413
    assert "error" in json.loads(answer)
    assert not list((copr.data / "incoming").iterdir())


def test_other_requests_may_not_be_as_large_as_an_upload(copr: LocalCopr) -> None:
    body = json.dumps({"name": "x", "description": "x" * 17 * 1024**2}).encode()
    headers = {"Authorization": authorization(copr), "Content-Type": "application/json"}
    status, answer = post(copr, "/api_3/project/add/local", headers, body)
    assert status == 413
    assert "error" in json.loads(answer)
