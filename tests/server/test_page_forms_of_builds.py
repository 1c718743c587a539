"""Forms of builds and packages: each leaves in the database what API v3 does."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from markupsafe import escape
from page_forms import SECRET, Browser, rows, same

from copr_local import LocalCopr
from copr_local.data.models import (
    Build,
    BuildChroot,
    Package,
)
from copr_local.wire.context import LARGEST_BODY

X86, ARM = "fedora-45-x86_64", "epel-10-aarch64"


@pytest.fixture
def copr(scripted_copr: LocalCopr) -> LocalCopr:
    return scripted_copr


@pytest.fixture
def api(copr: LocalCopr, api_of: Callable[[LocalCopr], Any]) -> Any:
    return api_of(copr)


@pytest.fixture
def browser(copr: LocalCopr) -> Browser:
    found = Browser(copr)
    found.log_in(copr.config)
    return found


@pytest.mark.parametrize(
    ("source", "endpoint", "fields"),
    [
        ("url", "url", {"pkgs": "https://example.com/hello-1.0-1.src.rpm"}),
        ("scm", "scm", {"clone_url": "https://example.com/x.git", "committish": "main", "spec": "x.spec"}),
        ("pypi", "pypi", {"pypi_package_name": "hello", "pypi_package_version": "1"}),
        ("rubygems", "rubygems", {"gem_name": "hello"}),
        ("custom", "custom", {"script": "#!/bin/sh\ntrue\n", "builddeps": "make"}),
        ("distgit", "distgit", {"package_name": "hello", "committish": "f45"}),
    ],
)
def test_a_build_of_a_form_is_that_of_the_api(
    copr: LocalCopr, api: Any, browser: Browser, source: str, endpoint: str, fields: dict[str, Any]
) -> None:
    api.project(chroots=[X86, ARM])
    options = {"timeout": "100", "enable_net": "true", "background": "y", "bootstrap": "on"}
    names = {"ownername": "local", "projectname": "hello"}
    api.call("POST", f"/build/create/{endpoint}", {**names, **fields, **options, "chroots": [X86]})
    path = f"/coprs/local/hello/new-build/{source}/"
    answer = browser.send(path, **fields, **options, chroots=[X86])
    assert answer.location == "/coprs/build/2/"
    for build_id in (1, 2):
        api.wait(build_id)
    same(copr, Build, Build.id == 1, Build.id == 2)
    same(copr, BuildChroot, BuildChroot.build_id == 1, BuildChroot.build_id == 2)
    wrong = browser.send(path, status=400, timeout="soon", committish="typed").text
    assert "Not a valid integer value." in wrong


def test_an_upload_is_built_and_repeated(copr: LocalCopr, api: Any, browser: Browser) -> None:
    api.project(chroots=[X86, ARM])
    path = "/coprs/local/hello/new-build/upload/"
    copr.script(chroot=ARM, fails="no")
    answer = browser.send(path, pkgs=(io.BytesIO(b"Name: hello"), "hello-1.0-1.src.rpm"), chroots=[X86, ARM])
    assert answer.location == "/coprs/build/1/"
    api.wait(1)
    shown = browser.get("/coprs/build/1/")
    assert "Build again what failed" in shown
    assert "<dt>Source: file</dt><dd>hello-1.0-1.src.rpm</dd>" in shown
    browser.send("/coprs/build/1/repeat/", page="/coprs/build/1/", only="failed")
    api.wait(2)
    assert rows(copr, Build, Build.id == 2)[0]["version"] == "1.0-1"
    with copr.database.reading() as tx:
        assert [chroot.name for chroot in tx.session.get_one(Build, 2).chroots] == [ARM]
    wrong = browser.send(path, status=400, pkgs=(io.BytesIO(b"x"), "hello.txt")).text
    assert "You can upload only" in wrong


def test_an_upload_can_be_larger_than_other_forms(copr: LocalCopr, api: Any, browser: Browser) -> None:
    api.project(chroots=[X86])
    path = "/coprs/local/hello/new-build/upload/"
    token = SECRET.search(browser.get(path))
    port = urlsplit(copr.url).port
    names = (f"copr-session-{port}", f"copr-forms-{port}")
    cookies = {name: browser.client.get_cookie(name) for name in names}
    assert token is not None
    answer = requests.post(
        copr.url + path,
        cookies={name: cookie.value for name, cookie in cookies.items() if cookie},
        data={"csrf_token": token[1]},
        files={"pkgs": ("hello-1.0-1.src.rpm", bytes(LARGEST_BODY + 1))},
        allow_redirects=False,
        timeout=60,
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/coprs/build/1/")
    api.wait(1)


def test_a_package_of_a_form_is_that_of_the_api(copr: LocalCopr, api: Any, browser: Browser) -> None:
    for name in ("one", "two"):
        api.project(name, chroots=[X86])
    fields = {
        "clone_url": "https://example.com/x.git",
        "committish": "main",
        "max_builds": "3",
        "chroot_denylist": "epel-*",
        "timeout": "60",
    }
    named = {"package_name": "hello", **fields}
    api.call("POST", "/package/add/local/one/hello/scm", {**named, "webhook_rebuild": True})
    answer = browser.send("/coprs/local/two/new-package/scm/", **named, webhook_rebuild="y")
    assert answer.location == "/coprs/local/two/package/hello/"
    same(copr, Package, Package.project_id == 1, Package.project_id == 2)
    fields |= {"committish": "", "max_builds": "5"}
    api.call("POST", "/package/edit/local/one/hello/scm", {**named, **fields, "webhook_rebuild": False})
    browser.send("/coprs/local/two/package/hello/edit/", **fields)
    (package,) = same(copr, Package, Package.project_id == 1, Package.project_id == 2)
    assert package["max_builds"] == 5
    api.call("POST", "/package/build", {"ownername": "local", "projectname": "one", "package_name": "hello"})
    browser.send("/coprs/local/two/package/hello/build/", page="/coprs/local/two/package/hello/")
    for build_id in (1, 2):
        api.wait(build_id)
    same(copr, Build, Build.id == 1, Build.id == 2)
    browser.send("/coprs/local/two/package/hello/delete/", word="hello")
    assert rows(copr, Package, Package.project_id == 2) == []


def test_a_running_build_is_cancelled_and_then_deleted(copr: LocalCopr, api: Any, browser: Browser) -> None:
    api.project(chroots=[X86])
    copr.script(takes=3600)
    browser.send("/coprs/local/hello/new-build/url/", pkgs="https://example.com/hello-1.0-1.src.rpm")
    api.wait(1, "running")
    browser.send("/coprs/build/1/cancel/", page="/coprs/build/1/")
    api.wait(1, "canceled")
    browser.send("/coprs/build/1/delete/", status=400, word="2")
    browser.send("/coprs/build/1/delete/", word="1")
    assert rows(copr, Build) == []


def test_chosen_builds_are_cancelled_and_deleted_as_by_the_api(
    copr: LocalCopr, api: Any, browser: Browser
) -> None:
    copr.script(takes=3600)
    ids: dict[str, list[int]] = {"one": [], "two": []}
    for name, made in ids.items():
        api.project(name, chroots=[X86])
        for _ in range(2):
            body = {"ownername": "local", "projectname": name, "chroots": [X86]}
            body["pkgs"] = ["https://example.com/a-1-1.src.rpm"]
            made.append(api.call("POST", "/build/create/url", body)["items"][0]["id"])
    for build_id in (*ids["one"], *ids["two"]):
        api.wait(build_id, "running")
    page = "/coprs/local/two/builds/"
    assert "Choose at least one build." in browser.send(f"{page}cancel/", page, status=400).text
    assert "Choose at least one build." in browser.send(f"{page}delete/", page, status=400).text
    refused = browser.send(f"{page}delete/", page, status=400, build=ids["two"], word="delete 2").text
    assert (
        str(escape(api.error("DELETE", "/build/delete/list", 400, {"builds": ids["two"][::-1]}))) in refused
    )
    for build_id in ids["one"]:
        api.call("PUT", f"/build/cancel/{build_id}")
    browser.send(f"{page}cancel/", page, build=ids["two"])
    same(copr, Build, Build.id.in_(ids["one"]), Build.id.in_(ids["two"]))
    same(copr, BuildChroot, BuildChroot.build_id.in_(ids["one"]), BuildChroot.build_id.in_(ids["two"]))
    assert "have finished" in browser.send(f"{page}cancel/", page, status=400, build=ids["two"]).text
    assert "does not belong" in browser.client.get(f"{page.removesuffix('s/')}/{ids['one'][0]}/").text
    asked = browser.send(f"{page}delete/", page, status=200, build=ids["two"]).text
    assert "Type delete 2 to delete it" in asked
    wrong = browser.send(f"{page}delete/", page, status=400, build=ids["two"], word="yes").text
    assert all(f'name="build" value="{build_id}"' in wrong for build_id in ids["two"])
    assert len(rows(copr, Build)) == 4
    api.call("DELETE", "/build/delete/list", {"builds": ids["one"]})
    browser.send(f"{page}delete/", page, build=ids["two"], word="delete 2")
    assert rows(copr, Build) == []
