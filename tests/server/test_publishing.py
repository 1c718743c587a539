"""What real builds publish: packages from git, dist-git and scripts; signed repositories; devel mode."""

from __future__ import annotations

import gzip
import http.server
import io
import json
import os
import platform
import re
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from copr_local import LocalCopr
from copr_local.builders.settings import Settings

CHROOT = f"fedora-45-{platform.machine()}"
SPEC = """\
Name: {name}
Version: 1.0
Release: 1%{{?dist}}
Summary: A package of the tests
License: MIT
BuildArch: noarch
%description
A package of the tests.
%install
mkdir -p %{{buildroot}}/usr/share/{name}
%files
/usr/share/{name}
"""


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder of git repositories with the dist-git package `hello`."""
    folder = tmp_path_factory.mktemp("git")
    repository = folder / "rpms" / "hello"
    repository.mkdir(parents=True)
    (repository / "hello.spec").write_text(SPEC.format(name="hello"))
    git = ["git", "-C", str(repository), "-c", "user.name=A", "-c", "user.email=a@example.com"]
    for command in (
        "init --quiet",
        "add .",
        "commit --quiet --message First",
        "tag v1",
        "update-server-info",
    ):
        subprocess.run([*git, *command.split()], check=True)
    return folder


@pytest.fixture(scope="module")
def copr(tmp_path_factory: pytest.TempPathFactory, upstream: Path) -> Iterator[LocalCopr]:
    """Start a local Copr with real builds and signed packages."""
    with LocalCopr(
        tmp_path_factory.mktemp("data"),
        chroots=[CHROOT, "fedora-45-i386"],
        distgits={"local": upstream.as_uri()},
        settings=Settings(sign=True),
    ) as running:
        yield running


def built(api: Any, endpoint: str, project: str, **fields: Any) -> Any:
    """Build something in a project of its own, and return the finished build."""
    api.project(project, chroots=[CHROOT])
    body = {"ownername": "local", "projectname": project, **fields}
    return api.wait(api.call("POST", f"/build/create/{endpoint}", body)["id"])


def packages(copr: LocalCopr, project: str, folder: str = "") -> list[str]:
    repository = copr.data / "results/local" / project / CHROOT / folder / "repodata"
    (primary,) = re.findall(r'href="repodata/(.*primary.*)"', (repository / "repomd.xml").read_text())
    return re.findall(r"<name>(.*)</name>", gzip.decompress((repository / primary).read_bytes()).decode())


def test_a_repository_of_version_control_is_built(copr: LocalCopr, api: Any, upstream: Path) -> None:
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(upstream))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/rpms/hello/.git"
        build = built(api, "scm", "from-scm", clone_url=url, committish="v1", source_build_method="rpkg")
        server.shutdown()
        thread.join()
    assert build["state"] == "succeeded"
    assert build["source_package"]["name"] == "hello"
    assert sorted(packages(copr, "from-scm")) == ["hello", "hello"]


def test_a_package_of_a_dist_git_is_built(copr: LocalCopr, api: Any) -> None:
    build = built(api, "distgit", "from-distgit", package_name="hello")
    assert build["state"] == "succeeded"
    assert sorted(packages(copr, "from-distgit")) == ["hello", "hello"]


def test_the_result_of_a_script_is_built(copr: LocalCopr, api: Any) -> None:
    script = f"#!/bin/sh\ncat > made.spec <<'END'\n{SPEC.format(name='made')}END\n"
    build = built(api, "custom", "from-script", script=script)
    assert build["state"] == "succeeded"
    assert sorted(packages(copr, "from-script")) == ["made", "made"]


def test_an_uploaded_package_is_published_as_it_is(copr: LocalCopr, api: Any) -> None:
    (made,) = (copr.data / "results/local").glob("from-script/*/*/*.noarch.rpm")
    api.project("uploaded", chroots=[CHROOT])
    form = json.dumps({"ownername": "local", "projectname": "uploaded"}).encode()
    data = {
        "pkgs": (io.BytesIO(made.read_bytes()), made.name, "application/x-rpm"),
        "json": (io.BytesIO(form), "json", "application/json"),
    }
    build = api.wait(api.raw("POST", "/build/create/rpm-upload", data=data).get_json()["id"])
    assert (build["state"], build["source_package"]["name"]) == ("succeeded", "made")
    assert packages(copr, "uploaded") == ["made"]


def test_dnf_installs_signed_packages_with_the_repo_file(copr: LocalCopr, api: Any, tmp_path: Path) -> None:
    api.project("signed", chroots=[CHROOT])
    build = api.upload("hello.spec", SPEC.format(name="hello").encode(), projectname="signed")
    assert api.wait(build["id"])["state"] == "succeeded"
    repository = copr.app.test_client().get("/coprs/local/signed/repo/fedora-45").text
    assert "\ngpgcheck=1\n" in repository
    assert f"\ngpgkey={copr.url}/results/local/signed/pubkey.gpg\n" in repository
    folder = tmp_path / "repos"
    folder.mkdir()
    (folder / "signed.repo").write_text(repository)
    command = [
        "dnf",
        "--noplugins",
        "--setopt",
        f"reposdir={folder}",
        "--setopt",
        f"cachedir={tmp_path / 'cache'}",
    ]
    command += ["--installroot", str(tmp_path / "root"), "--releasever=45", "--assumeyes", "install", "hello"]
    environment = {**os.environ, "LC_ALL": "C", "no_proxy": "*"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "root/usr/share/hello").is_dir()


def test_in_devel_mode_packages_are_published_when_that_is_asked_for(copr: LocalCopr, api: Any) -> None:
    api.project("devel", chroots=[CHROOT], devel_mode=True)
    spec = SPEC.format(name="hello").encode()
    first = api.wait(api.upload("hello.spec", spec, projectname="devel")["id"])
    assert (packages(copr, "devel"), packages(copr, "devel", "devel")) == ([], ["hello", "hello"])
    api.call("PUT", "/project/regenerate-repos/local/devel")
    api.until(lambda: packages(copr, "devel") == ["hello", "hello"])
    api.wait(api.upload("hello.spec", spec, projectname="devel")["id"])
    api.call("DELETE", f"/build/delete/{first['id']}")
    api.until(lambda: packages(copr, "devel") == [])
    assert packages(copr, "devel", "devel") == ["hello", "hello"]


def test_a_multilib_project_offers_the_packages_of_the_smaller_architecture_too(
    copr: LocalCopr, api: Any
) -> None:
    api.project("both", chroots=["fedora-45-x86_64", "fedora-45-i386"], multilib=True)
    client = copr.app.test_client()
    text = client.get("/coprs/local/both/repo/fedora-45?arch=x86_64").text
    first, second = text.split("\n\n")
    assert ":both]\n" in first
    assert ":both:ml]\nname=Copr repo for both owned by local (i386)\n" in second
    assert f"\nbaseurl={copr.url}/results/local/both/fedora-45-i386/\n" in second
    assert second.endswith("\ncost=1100\n")
    for other in ("?arch=i386", ""):  # dnf names the architecture that it asks for
        assert client.get(f"/coprs/local/both/repo/fedora-45{other}").text == f"{first}\n"
    assert client.get("/coprs/local/both/repo/fedora-45?arch=aarch64").status_code == 404
