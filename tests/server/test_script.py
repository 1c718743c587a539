"""Scripted builds: they end as the test says, and their results are real."""

from __future__ import annotations

import gzip
import json
import math
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import createrepo_c
import pytest
from srpm import make_srpm

from copr_local import LocalCopr, LocalCoprError
from copr_local.builders.settings import Settings

X86, ARM = "fedora-45-x86_64", "epel-10-aarch64"


@pytest.fixture
def copr(scripted_copr: LocalCopr) -> LocalCopr:
    return scripted_copr


@pytest.fixture
def project(api: Any) -> Any:
    return api.project(chroots=[X86, ARM])


@pytest.fixture
def submit(api: Any, project: Any) -> Callable[..., int]:
    """Submit a build from a URL, and return its id."""

    def one(file: str = "hello-1.0-1.src.rpm", **options: Any) -> int:
        body = {"ownername": "local", "projectname": "hello", "pkgs": [f"https://example.com/{file}"]}
        build_id: int = api.call("POST", "/build/create/url", {**body, **options})["items"][0]["id"]
        return build_id

    return one


def states(api: Any, build_id: int) -> dict[str, str]:
    return {chroot["name"]: chroot["state"] for chroot in api.get(f"/build-chroot/list/{build_id}")["items"]}


def log(copr: LocalCopr, chroot: str, build: str) -> str:
    folder = copr.data / "results/local/hello" / chroot / build
    return gzip.decompress((folder / "builder-live.log.gz").read_bytes()).decode()


def test_a_build_succeeds_at_once(submit: Any, api: Any) -> None:
    began = time.monotonic()
    build = api.wait(submit())
    assert time.monotonic() - began < 5
    assert build["state"] == "succeeded"
    assert (build["source_package"]["name"], build["source_package"]["version"]) == ("hello", "1.0-1")
    packages = api.get(f"/build/built-packages/{build['id']}")[X86]["packages"]
    same = {"name": "hello", "epoch": 0, "version": "1.0", "release": "1.fc45"}
    assert packages == [{**same, "arch": "x86_64"}, {**same, "arch": "src"}]


def test_its_packages_can_be_installed(submit: Any, api: Any, copr: LocalCopr, tmp_path: Path) -> None:
    copr.script("hello", packages=["hello", "hello-doc.noarch"])
    assert api.wait(submit())["state"] == "succeeded"
    results = copr.data / "results/local/hello" / ARM / "00000001-hello"
    names = {"hello-1.0-1.el10.aarch64.rpm", "hello-doc-1.0-1.el10.noarch.rpm", "hello-1.0-1.el10.src.rpm"}
    assert {path.name for path in results.glob("*.rpm")} == names
    for name in names:
        subprocess.run(["rpm", "--checksig", "--nosignature", results / name], check=True)
    rpm = results / "hello-doc-1.0-1.el10.noarch.rpm"
    root = tmp_path / "root"
    root.mkdir()
    subprocess.run(["rpm", "--root", root, "--install", "--nodeps", "--nosignature", rpm], check=True)
    assert "hello-doc 1.0-1.el10" in (root / "usr/share/doc/hello-doc/README").read_text()
    listed = json.loads((results / "results.json").read_text())["packages"]
    assert {f"{one['name']}.{one['arch']}" for one in listed} == {
        "hello.aarch64",
        "hello-doc.noarch",
        "hello.src",
    }


def test_its_repository_has_metadata(submit: Any, api: Any, copr: LocalCopr) -> None:
    api.wait(submit())
    metadata = createrepo_c.Metadata()
    metadata.locate_and_load_xml(str(copr.data / "results/local/hello" / X86))
    found = {metadata.get(key).nevra() for key in metadata.keys()}  # noqa: SIM118 - no mapping
    assert "hello-0:1.0-1.fc45.x86_64" in found


def test_a_chroot_fails_with_the_reason_in_its_log(submit: Any, api: Any, copr: LocalCopr) -> None:
    copr.script("hel*", chroot="*-aarch64", fails="no such header: zlib.h", log="checking for zlib.h... no\n")
    build = api.wait(submit())
    assert build["state"] == "failed"
    assert states(api, build["id"]) == {X86: "succeeded", ARM: "failed"}
    lines = log(copr, ARM, "00000001-hello").splitlines()
    assert lines[1:] == ["checking for zlib.h... no", "Build failed: no such header: zlib.h"]
    assert api.wait(submit("other-1-1.src.rpm"))["state"] == "succeeded"


def test_the_source_step_fails_where_the_rule_says_so(submit: Any, api: Any, copr: LocalCopr) -> None:
    copr.script(chroot="source", fails="no spec file")
    assert api.wait(submit())["state"] == "failed"
    assert api.get("/build/source-chroot/1")["state"] == "failed"
    assert log(copr, "srpm-builds", "00000001").endswith("Build failed: no spec file\n")
    copr.script(chroot="source", fails="")
    assert api.wait(submit())["state"] == "succeeded"


def test_a_chroot_is_skipped(submit: Any, api: Any, copr: LocalCopr) -> None:
    copr.script(chroot=ARM, skips="no machine for it")
    assert api.wait(submit())["state"] == "succeeded"
    assert states(api, 1) == {X86: "succeeded", ARM: "skipped"}


def test_a_build_takes_its_time_by_the_services_clock(submit: Any, api: Any, copr: LocalCopr) -> None:
    copr.script("hello", chroot="fedora-*", takes=3600)
    build_id = submit()
    api.until(lambda: states(api, build_id) == {X86: "running", ARM: "succeeded"})
    copr.clock.advance(minutes=50)
    time.sleep(0.05)
    assert states(api, build_id)[X86] == "running"
    copr.clock.advance(minutes=10)
    over = api.wait(build_id)
    assert over["state"] == "succeeded"
    assert 3600 <= over["ended_on"] - over["started_on"] < 3660


def test_a_running_build_ends_when_a_new_rule_says_so(submit: Any, api: Any, copr: LocalCopr) -> None:
    copr.script(takes=math.inf)
    build_id = submit()
    api.wait(build_id, "running")
    copr.script(takes=0)
    assert api.wait(build_id)["state"] == "succeeded"
    copr.script(takes=math.inf)
    build_id = submit()
    api.wait(build_id, "running")
    api.call("PUT", f"/build/cancel/{build_id}")
    live = copr.data / "results/local/hello/srpm-builds/00000002/builder-live.log"
    api.until(lambda: live.exists() and live.read_text().endswith("Build cancelled.\n"))


def test_what_takes_longer_than_its_timeout_fails(submit: Any, api: Any, copr: LocalCopr) -> None:
    copr.script(chroot=X86, takes=math.inf)
    build_id = submit(timeout=600)
    api.until(lambda: states(api, build_id).get(X86) == "running")
    copr.clock.advance(seconds=601)
    assert api.wait(build_id)["state"] == "failed"
    assert log(copr, X86, "00000001-hello").endswith("Build failed: it took more than 600 seconds\n")


def test_the_default_timeout_is_a_setting(api_of: Any) -> None:
    with LocalCopr(chroots=[X86], builds="scripted", builders=2, settings=Settings(timeout=600)) as copr:
        copr.script(chroot=X86, takes=math.inf)
        api = api_of(copr)
        api.project(chroots=[X86])
        body = {"ownername": "local", "projectname": "hello", "pkgs": ["https://example.com/a-1-1.src.rpm"]}
        ids = [
            api.call("POST", "/build/create/url", {**body, **options})["items"][0]["id"]
            for options in ({}, {"timeout": 700})
        ]
        api.until(lambda: all(states(api, build_id).get(X86) == "running" for build_id in ids))
        copr.clock.advance(seconds=601)
        assert api.wait(ids[0])["state"] == "failed"
        assert states(api, ids[1]) == {X86: "running"}


def test_a_version_can_be_said_where_the_name_does_not_tell(submit: Any, api: Any, copr: LocalCopr) -> None:
    copr.script("hello", version="2.10-7")
    build = api.wait(submit("hello.spec"))
    assert build["source_package"]["name"] == "hello"
    assert build["source_package"]["version"] == "2.10-7"


def test_an_epoch_can_be_said_too(submit: Any, api: Any, copr: LocalCopr) -> None:
    copr.script("hello", version="3:2.10-7")
    build = api.wait(submit("hello.spec"))
    assert build["source_package"]["version"] == "3:2.10-7"
    assert build["source_package"]["url"].endswith("/hello-2.10-7.src.rpm")
    (package, _) = api.get(f"/build/built-packages/{build['id']}")[X86]["packages"]
    assert (package["epoch"], package["version"], package["release"]) == (3, "2.10", "7.fc45")
    rpm = copr.data / f"results/local/hello/{X86}/00000001-hello/hello-2.10-7.fc45.x86_64.rpm"
    query = ["rpm", "--query", "--package", "--nosignature", "--queryformat", "%{EVR} [%{PROVIDEVERSION}]"]
    said = subprocess.run([*query, rpm], check=True, capture_output=True, text=True).stdout
    assert said == "3:2.10-7.fc45 3:2.10-7.fc45"


@pytest.mark.parametrize(
    "rule",
    [
        {"version": ""},
        {"version": "a b"},
        {"packages": "hello"},
        {"packages": ["../hello"]},
        {"takes": float("nan")},
        {"takes": -1},
    ],
)
def test_a_rule_that_no_package_can_follow_is_refused(copr: LocalCopr, rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="write "):
        copr.script("hello", **rule)


@pytest.mark.parametrize("file", ["hello.src.rpm", "hello.nosrc.rpm", "hello.spec"])
def test_a_file_without_a_version_names_the_package(submit: Any, api: Any, file: str) -> None:
    assert api.wait(submit(file))["source_package"]["name"] == "hello"


@pytest.mark.usefixtures("project")
def test_a_rebuild_makes_the_package_that_is_rebuilt(api: Any) -> None:
    where = {"ownername": "local", "projectname": "hello"}
    sources: list[tuple[str, dict[str, str]]] = [
        ("custom", {"script": "true"}),
        ("scm", {"clone_url": "https://example.com/bar.git"}),
        ("pypi", {"pypi_package_name": "bar"}),
    ]
    for source_type, fields in sources:
        name = f"foo-{source_type}"
        body = {"package_name": name, **fields}
        api.call("POST", f"/package/add/local/hello/{name}/{source_type}", body)
        build = api.call("POST", "/package/build", {**where, "package_name": name})
        assert api.wait(build["id"])["source_package"]["name"] == name
    assert len(api.get("/package/list", **where)["items"]) == len(sources)


@pytest.mark.usefixtures("project")
def test_an_uploaded_source_rpm_is_believed_and_kept(api: Any, copr: LocalCopr, tmp_path: Path) -> None:
    srpm = make_srpm(tmp_path, "real", "3.1")
    build = api.wait(api.upload("misnamed.src.rpm", srpm.read_bytes())["id"])
    assert build["source_package"]["name"] == "real"
    (kept,) = (copr.data / "results/local/hello/srpm-builds/00000001").glob("*.src.rpm")
    assert kept.read_bytes() == srpm.read_bytes()
    build = api.wait(api.upload("dummy-1.2-3.src.rpm", b"not an RPM at all")["id"])
    assert (build["state"], build["source_package"]["version"]) == ("succeeded", "1.2-3")


def test_real_builds_have_no_script(local_copr: LocalCopr) -> None:
    with pytest.raises(LocalCoprError, match="this local Copr makes real builds"):
        local_copr.script("hello", fails="no")
    with pytest.raises(LocalCoprError, match="'real' or 'scripted'"):
        LocalCopr(builds="fake")  # type: ignore[arg-type]
