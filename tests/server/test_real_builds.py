"""Real builds through the whole service: rpmbuild, the sandbox, createrepo_c and dnf."""

from __future__ import annotations

import platform
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from copr_local import LocalCopr

CHROOT = f"fedora-45-{platform.machine()}"

SPEC = """\
Name:           greeting
Version:        1.0
Release:        1%{{?dist}}
Summary:        A word
License:        MIT
BuildArch:      noarch

%description
A word.

%build
{build}

%install
install -D -m 0644 /dev/null %{{buildroot}}%{{_datadir}}/greeting

%files
%{{_datadir}}/greeting
"""


def last_line(url: str) -> str:
    return requests.get(f"{url}/builder-live.log", timeout=5).text.splitlines()[-1]


def test_a_package_is_built_published_and_found_by_dnf(
    local_copr: LocalCopr, api_of: Any, tmp_path: Path
) -> None:
    assert shutil.which("dnf"), "install dnf: the service publishes repositories for it"
    api = api_of(local_copr)
    api.project(chroots=[CHROOT])
    build = api.wait(api.upload("greeting.spec", SPEC.format(build="true").encode())["id"])
    assert build["state"] == "succeeded"
    assert build["source_package"]["version"] == "1.0-1"
    packages = api.get(f"/build-chroot/built-packages/{build['id']}/{CHROOT}")["packages"]
    found = {
        (package["name"], package["version"], package["release"], package["arch"]) for package in packages
    }
    assert found == {("greeting", "1.0", "1.fc45", "noarch"), ("greeting", "1.0", "1.fc45", "src")}

    repo = requests.get(f"{local_copr.url}/coprs/local/hello/repo/fedora-45/local-hello.repo", timeout=5)
    (tmp_path / "repos").mkdir()
    (tmp_path / "repos" / "hello.repo").write_text(repo.text)
    options = {"reposdir": tmp_path / "repos", "cachedir": tmp_path / "cache"}
    seen = subprocess.run(
        [
            *("dnf", "--installroot", str(tmp_path / "root"), "--releasever=45", "--disableplugin=*"),
            *(f"--setopt={name}={value}" for name, value in options.items()),
            *("repoquery", "--qf", "%{name}-%{version}-%{release}.%{arch}\\n", "greeting"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "greeting-1.0-1.fc45.noarch" in seen.stdout.split()


@pytest.mark.parametrize(
    "content", [b"", b"this is no source RPM", b"\xed\xab\xee\xdb\x03\x00" + b"\0" * 200]
)
def test_what_is_no_source_rpm_fails_with_one_line_and_the_service_lives_on(
    content: bytes, local_copr: LocalCopr, api_of: Any
) -> None:
    api = api_of(local_copr)
    api.project(chroots=[CHROOT])
    build = api.wait(api.upload("hello-1.0-1.src.rpm", content)["id"])
    assert (build["state"], build["chroots"]) == ("failed", [])
    source = api.get(f"/build/source-chroot/{build['id']}")
    assert source["state"] == "failed"
    assert "hello-1.0-1.src.rpm" in last_line(source["result_url"])
    assert api.get("/auth-check")["name"] == "local"


def test_a_build_that_takes_too_long_fails_and_says_so(local_copr: LocalCopr, api_of: Any) -> None:
    api = api_of(local_copr)
    api.project(chroots=[CHROOT])
    slow = SPEC.format(build="sleep 600").encode()
    build = api.wait(api.upload("greeting.spec", slow, timeout=4)["id"])
    assert build["state"] == "failed"
    chroot = api.get(f"/build-chroot/{build['id']}/{CHROOT}")
    assert "timeout" in last_line(chroot["result_url"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_while_it_builds(number: int, serve: Any, tmp_path: Path) -> None:
    service = serve("--data", str(tmp_path), "--port", "0").ready()
    api = service.api()
    owner = api.get("/auth-check")["name"]
    api.call("POST", f"/project/add/{owner}", {"name": "hello", "chroots": [CHROOT]})
    slow = SPEC.format(build="sleep 600").encode()
    build_id = api.upload("greeting.spec", slow, ownername=owner)["id"]
    api.until(lambda: api.get(f"/build/{build_id}")["chroots"] and api.wait(build_id, "running"))
    time.sleep(0.5)  # wait until rpmbuild runs `sleep`
    began = time.monotonic()
    assert service.end(number) == (0, "stopped\n", "")
    assert time.monotonic() - began < 30, "it does not wait for the build"
    assert not list(tmp_path.glob(f"results/*/hello/{CHROOT}/{build_id:08d}-*"))


@pytest.mark.parametrize("devel_mode", [False, True])
def test_a_package_that_a_repository_cannot_list_fails_and_leaves_nothing(
    local_copr: LocalCopr, api_of: Any, devel_mode: bool
) -> None:
    api = api_of(local_copr)
    api.project(chroots=[CHROOT], devel_mode=devel_mode)
    good = SPEC.format(build="true")
    assert api.wait(api.upload("greeting.spec", good.encode())["id"])["state"] == "succeeded"
    # rpm refuses a spec with a control character in the first 256 bytes, as it is not a text then.
    padded = good.replace("A word\n", f"{'word ' * 60}\n", 1).replace("1.0", "2.0")
    text = f"{padded}\n%changelog\n* Thu Jan 01 2026 A B <a@example.com> - 2.0-1\n- fix \x1b[200~\n"
    build = api.wait(api.upload("greeting.spec", text.encode())["id"])
    assert build["state"] == "failed"
    folder = api.get(f"/build-chroot/{build['id']}/{CHROOT}")["result_url"]
    names = "greeting-2.0-1.fc45.noarch.rpm, greeting-2.0-1.fc45.src.rpm"
    reason = f"the repository cannot list {names}: Cannot dump XML for greeting "
    assert last_line(folder.rstrip("/")).startswith(f"Build failed: {reason}")
    assert reason in requests.get(f"{folder}backend.log", timeout=5).text
    assert requests.get(f"{folder}greeting-2.0-1.fc45.noarch.rpm", timeout=5).status_code == 404
    assert api.get(f"/build-chroot/built-packages/{build['id']}/{CHROOT}")["packages"] == []
