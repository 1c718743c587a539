"""Published files: results, their folders, and `.repo` files."""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from copr_local import LocalCopr
from copr_local.rules import users

X86 = "fedora-45-x86_64"


@pytest.fixture
def results(api: Any, copr: LocalCopr) -> Path:
    """Return the results folder of a chroot of the project."""
    api.project(repo_priority=7, module_hotfixes=True)
    return copr.data / "results/local/hello" / X86


@pytest.fixture
def get(copr: LocalCopr) -> Any:
    client = copr.app.test_client()

    def one(path: str, **headers: str) -> Any:
        return client.get(
            path, buffered=True, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    return one


def test_a_new_project_has_a_repository_for_each_chroot_at_once(results: Path, get: Any) -> None:
    for chroot in (X86, "fedora-45-aarch64"):
        response = get(f"/results/local/hello/{chroot}/repodata/repomd.xml")
        assert response.status_code == 200
        assert response.content_type == "application/xml; charset=utf-8"
        assert response.headers["Cache-Control"] == "no-cache"
        primary = re.search(r'href="(repodata/[^"]+-primary\.xml[^"]*)"', response.text)
        assert primary is not None
        packed = get(f"/results/local/hello/{chroot}/{primary[1]}")
        assert "Content-Encoding" not in packed.headers
        assert b'packages="0"' in gzip.decompress(packed.data)


def test_a_growing_log_can_be_read_piece_by_piece(results: Path, get: Any) -> None:
    log = results / "00000001-hello" / "builder-live.log"
    log.parent.mkdir()
    log.write_bytes(b"first line\n")
    path = f"/results/local/hello/{X86}/00000001-hello/builder-live.log"
    whole = get(path)
    assert (whole.status_code, whole.data) == (200, b"first line\n")
    assert whole.content_type == "text/plain; charset=utf-8"
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert get(path, Range="bytes=11-").status_code == 416
    with log.open("ab") as file:
        file.write(b"second line\n")
    rest = get(path, Range="bytes=11-")
    assert (rest.status_code, rest.data) == (206, b"second line\n")
    assert rest.headers["Content-Range"] == "bytes 11-22/23"
    assert get(path, If_None_Match=whole.headers["ETag"]).status_code == 200
    assert get(path, If_None_Match=get(path).headers["ETag"]).status_code == 304
    changed = get(path, If_Match=whole.headers["ETag"])
    assert changed.status_code == 412
    assert log.read_bytes() not in changed.data, "nobody wants this content"


def test_a_range_that_makes_no_sense_is_ignored(results: Path, get: Any) -> None:
    # RFC 9110, 14.1.2 and 14.2
    (results / "some.log").write_bytes(b"0123456789")
    path = f"/results/local/hello/{X86}/some.log"
    for wanted, status, content in (
        ("bytes=-3", 206, b"789"),
        ("bytes=-99999", 206, b"0123456789"),
        ("bytes=8-" + "9" * 18, 206, b"89"),
        ("BYTES = 1-1", 206, b"1"),
        ("items=0-1", 200, b"0123456789"),
        ("bytes=5-2", 200, b"0123456789"),
        ("bytes=0-1,3-4", 200, b"0123456789"),
        ("bytes=" + "0-1," * 1000 + "0-1", 200, b"0123456789"),
        ("bytes=-", 200, b"0123456789"),
        ("bytes=" + "9" * 4000 + "-", 200, b"0123456789"),
    ):
        answer = get(path, Range=wanted)
        assert (answer.status_code, answer.data) == (status, content), wanted
    assert get(path, Range="bytes=10-").status_code == get(path, Range="bytes=-0").status_code == 416


def test_a_folder_with_a_name_that_is_not_text_is_listed_without_it(results: Path, get: Any) -> None:
    (results / os.fsdecode(b"a\xff.rpm")).touch()
    (results / "b.rpm").touch()
    index = get(f"/results/local/hello/{X86}/")
    assert (index.status_code, "b.rpm" in index.text, "a" + "\udcff" in index.text) == (200, True, False)


def test_a_compressed_log_is_shown_as_text_and_other_compressed_files_are_not(
    results: Path, get: Any
) -> None:
    packed = gzip.compress(b"all of it\n")
    for name in ("builder-live.log.gz", "sources.tar.gz"):
        (results / name).write_bytes(packed)
    log = get(f"/results/local/hello/{X86}/builder-live.log.gz")
    assert (log.mimetype, log.headers["Content-Encoding"], log.data) == ("text/plain", "gzip", packed)
    archive = get(f"/results/local/hello/{X86}/sources.tar.gz")
    assert archive.mimetype == "application/octet-stream"
    assert "Content-Encoding" not in archive.headers


def test_hidden_files_are_neither_listed_nor_served(results: Path, get: Any) -> None:
    (results / ".work").mkdir()
    (results / ".work" / "secret").write_text("where a build works")
    assert get(f"/results/local/hello/{X86}/.work/secret").status_code == 404
    assert ".work" not in get(f"/results/local/hello/{X86}/").text
    (results.parent / ".pubkey.gpg").write_text("not complete")
    for path in ("hello/.pubkey.gpg", f"hello//{X86}/.work/secret", "../local/hello/", "./hello/"):
        assert get(f"/results/local/{path}").status_code == 404, path
    assert ".pubkey.gpg" not in get("/results/local/hello/").text


def test_a_project_whose_name_begins_with_a_dot_is_served(api: Any, get: Any, copr: LocalCopr) -> None:
    api.project(".hidden")
    assert get(f"/results/local/.hidden/{X86}/repodata/repomd.xml").status_code == 200
    assert '<a href="./.hidden/">' in get("/results/local/").text
    assert f'<a href="./{X86}/">' in get("/results/local/.hidden/").text
    (copr.data / "results/local/.hidden" / X86 / ".work").mkdir()
    assert get(f"/results/local/.hidden/{X86}/.work/").status_code == 404


def test_a_folder_lists_what_is_in_it(results: Path, get: Any) -> None:
    (results / "a <b> & c.rpm").write_bytes(b"12345")
    (results / "00000001-hello").mkdir()
    index = get(f"/results/local/hello/{X86}/")
    assert index.status_code == 200
    assert 'href="./a%20%3Cb%3E%20%26%20c.rpm">a &lt;b&gt; &amp; c.rpm</a>' in index.text
    assert '<a href="./00000001-hello/">00000001-hello/</a>' in index.text
    assert ">5</td>" in index.text
    redirect = get(f"/results/local/hello/{X86}")
    assert redirect.status_code == 301
    assert redirect.headers["Location"].endswith(f"/results/local/hello/{X86}/")
    assert "local/" in get("/results/").text


@pytest.mark.parametrize(
    "path",
    [
        "/results/../copr.db",
        "/results/%2e%2e/copr.db",
        "/results/..%2fcopr.db",
        "/results/local/..%2f..%2f..%2fcopr.db",
        "/results//etc/passwd",
        "/results/%2fetc/passwd",
        "/results/local/hello/%00",
        "/results/" + "x" * 5000,
        "/tmp/../copr.db",
        "/tmp/..%2f/copr.db",
        "/tmp/%2e%2e/client.conf",
        "/results/local/hello/link",
        "/results/local/hello/nothing",
        "/tmp/tmpxxxxxxxx/nothing",
    ],
)
def test_nothing_outside_the_folder_is_served(path: str, results: Path, copr: LocalCopr) -> None:
    (results.parent / "link").symlink_to(copr.data / "client.conf")
    connection = http.client.HTTPConnection(urlsplit(copr.url).netloc)
    connection.putrequest("GET", path)
    connection.endheaders()
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    assert response.status in (308, 404)
    assert copr.config["token"].encode() not in answer
    assert not answer.startswith(b"SQLite")


def test_a_repo_file_has_what_dnf_needs(results: Path, get: Any, copr: LocalCopr) -> None:
    response = get("/coprs/local/hello/repo/fedora-45/local-hello-fedora-45.repo")
    assert response.content_type == "text/plain; charset=utf-8"
    assert response.text.splitlines() == [
        "[copr:127.0.0.1:local:hello]",
        "name=Copr repo for hello owned by local",
        f"baseurl={copr.url}/results/local/hello/fedora-45-$basearch/",
        "type=rpm-md",
        "skip_if_unavailable=True",
        "gpgcheck=0",
        "repo_gpgcheck=0",
        "enabled=1",
        "enabled_metadata=1",
        "priority=7",
        "module_hotfixes=1",
    ]
    for other in ("repo/fedora-45", "repo/fedora-45/any.repo", f"repo/{X86}/"):
        assert get(f"/coprs/local/hello/{other}").text == response.text


@pytest.mark.parametrize(
    "path",
    [
        "local/hello/repo/epel-10",
        "local/hello/repo/nope",
        "local/nope/repo/fedora-45",
        "local/hello:x/repo/fedora-45",
    ],
)
@pytest.mark.usefixtures("results")
def test_there_is_no_repo_file_for_what_is_not_there(path: str, get: Any) -> None:
    assert get(f"/coprs/{path}/x.repo").status_code == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("epel-9", 404),
        ("epel-9?arch=x86_64", 404),
        ("fedora-45?arch=s390x", 404),
        ("fedora-45-s390x", 404),
        ("fedora-4?arch=x86_64", 404),
        ("fedora-45?arch=x86_64", 200),
        ("fedora-45?arch=", 200),
        (X86, 200),
        (f"{X86}?arch=x86_64", 200),
    ],
)
def test_dnf_is_told_the_chroots_of_a_project_without_the_wanted_one(
    api: Any, get: Any, query: str, status: int
) -> None:
    api.project(chroots=[X86, "epel-10-x86_64"])
    answer = get(f"/coprs/local/hello/repo/{query}")
    assert answer.status_code == status
    told = answer.headers.get("Copr-Error-Data")
    if status == 200:
        assert told is None
        return
    assert json.loads(base64.b64decode(told)) == {"available chroots": [X86, "epel-10-x86_64"]}
    assert f"does not exist in local/hello. Available chroots: {X86}, epel-10-x86_64." in answer.text


@pytest.mark.parametrize("path", ["bob/hello", "local/nope", "local/hello:custom:x"])
def test_dnf_is_told_no_chroots_of_a_project_that_does_not_exist(api: Any, get: Any, path: str) -> None:
    api.project(chroots=[X86])
    answer = get(f"/coprs/{path}/repo/epel-9?arch=x86_64")
    assert (answer.status_code, answer.headers.get("Copr-Error-Data")) == (404, None)


def test_repo_files_of_groups_and_folders_and_dependencies(api: Any, get: Any, copr: LocalCopr) -> None:
    with copr.database.writing() as tx:
        users.add_group(tx, "devs", "fas_devs", [users.get(tx, "local")])
    api.project("base")
    needed = ["https://example.com/$chroot/r/", "copr://local/base"]
    api.project("tools", owner="@devs", runtime_dependencies=needed)
    text = get("/coprs/g/devs/tools/repo/fedora-45/group_devs-tools-fedora-45.repo").text
    assert (
        f":group_devs:tools]\nname=Copr repo for tools owned by @devs\nbaseurl={copr.url}/results/@devs/"
        in text
    )
    of = "Copr 127.0.0.1/@devs/tools"
    assert (
        f"\n\n[coprdep:127.0.0.1:local:base]\nname={of} runtime dependency #1 - local/base\n"
        f"baseurl={copr.url}/results/local/base/fedora-45-$basearch/\n"
    ) in text
    assert (
        "\n\n[coprdep:https_example_com_chroot_r]\n"
        f"name={of} external runtime dependency #1 - https_example_com_chroot_r\n"
        f"baseurl=https://example.com/{X86}/r/\n"
    ) in text
    body = {"ownername": "@devs", "projectname": "tools", "project_dirname": "tools:custom:x"}
    api.call("POST", "/build/create/url", {**body, "pkgs": ["https://example.com/x-1-1.src.rpm"]})
    text = get("/coprs/@devs/tools:custom:x/repo/fedora-45").text
    assert f"baseurl={copr.url}/results/@devs/tools:custom:x/fedora-45-$basearch/" in text


def test_dnf_reads_a_new_projects_repository(results: Path, get: Any, tmp_path: Path) -> None:
    assert shutil.which("dnf"), "install dnf: the service publishes repositories for it"
    folder = tmp_path / "repos"
    folder.mkdir()
    (folder / "hello.repo").write_text(get("/coprs/local/hello/repo/fedora-45").text)
    command = [
        "dnf",
        "--noplugins",
        "--setopt",
        f"reposdir={folder}",
        "--setopt",
        f"cachedir={tmp_path / 'cache'}",
    ]
    command += ["--installroot", str(tmp_path / "root"), "--releasever=45", "--forcearch=x86_64"]
    done = subprocess.run(
        [*command, "--disableplugin=*", "repoquery", "--all"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    assert done.returncode == 0, done.stderr
    assert "Failed" not in done.stderr
    assert done.stdout.strip() == ""
