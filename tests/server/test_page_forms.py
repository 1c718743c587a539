"""Forms of the pages: sign in, and that each form leaves in the database what API v3 does."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlalchemy import inspect, select

from copr_local import LocalCopr
from copr_local.data.models import (
    Build,
    BuildChroot,
    LoginSession,
    Package,
    Permission,
    Project,
    ProjectChroot,
)
from copr_local.wire.context import LARGEST_BODY

X86, ARM = "fedora-45-x86_64", "epel-10-aarch64"
SECRET = re.compile(r'name="csrf_token" value="([^"]+)"')
#: Columns that differ between two rows that were made in the same way: ids, names and times.
OWN = {"id", "project_id", "package_id", "dir_id", "build_id", "webhook_secret", "name"}
OWN |= {"submitted_on", "source_started_on", "started_on", "ended_on", "delete_after", "srpm_digest"}


class Browser:
    """A browser without scripts."""

    def __init__(self, copr: LocalCopr) -> None:
        self.client = copr.app.test_client()

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def send(self, path: str, page: str | None = None, status: int = 303, **fields: Any) -> Any:
        """Fill a form: load its page, and send the fields with its token."""
        found = SECRET.search(self.get(page or path))
        assert found is not None
        answer = self.client.post(path, data={"csrf_token": found[1], **fields})
        assert answer.status_code == status, answer.text
        return answer

    def log_in(self, config: dict[str, Any], query: str = "") -> Any:
        return self.send(f"/login/{query}", login=config["login"], token=config["token"])


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


def rows(copr: LocalCopr, model: Any, *conditions: Any) -> list[dict[str, Any]]:
    """The rows of a table, without the columns in which all rows differ."""
    columns = [attribute.key for attribute in inspect(model).column_attrs if attribute.key not in OWN]
    with copr.database.reading() as tx:
        found = tx.session.scalars(select(model).where(*conditions)).all()
        return [{name: getattr(row, name) for name in columns} for row in found]


def same(copr: LocalCopr, model: Any, first: Any, second: Any) -> list[dict[str, Any]]:
    """The rows that both conditions select; they have to be equal."""
    one, other = rows(copr, model, first), rows(copr, model, second)
    assert one == other
    assert one
    return one


def test_signing_in_starts_a_session_that_signing_out_ends(copr: LocalCopr) -> None:
    browser = Browser(copr)
    assert "Sign in" in browser.get("/")
    wrong = browser.send("/login/", status=400, login=copr.config["login"], token="wrong")
    assert "are not valid" in wrong.text
    assert f'value="{copr.config["login"]}"' in wrong.text
    answer = browser.log_in(copr.config)
    assert answer.location == "/"
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Sign out" in browser.get("/")
    browser.send("/logout/", page="/")
    assert "Sign in" in browser.get("/")
    assert rows(copr, LoginSession) == []


def test_a_login_leads_only_to_pages_of_this_service(copr: LocalCopr) -> None:
    browser = Browser(copr)
    found = SECRET.search(browser.get("/login/"))
    assert found is not None
    fields = {"csrf_token": found[1], "login": copr.config["login"], "token": copr.config["token"]}
    for path, target in (
        ("/new-project/", "/new-project/"),
        ("https://elsewhere.example.com/", "/"),
        ("//elsewhere.example.com/", "/"),
        ("/\\elsewhere.example.com", "/"),
        ("elsewhere", "/"),
        ("/\nx", "/"),
    ):
        answer = browser.client.post("/login/", query_string={"next": path}, data=fields)
        assert answer.location == target, path


def test_forms_need_a_session_and_their_own_token(copr: LocalCopr, api: Any, browser: Browser) -> None:
    api.project(chroots=[X86])
    before = rows(copr, Project), rows(copr, Build)
    for path in (
        *("/new-project/", "/coprs/local/hello/settings/", "/coprs/local/hello/delete/", "/api/new/"),
        *("/coprs/local/hello/new-build/", "/coprs/build/1/repeat/", "/coprs/build/1/cancel/"),
    ):
        stranger = copr.app.test_client().post(path)
        assert stranger.status_code == 303, path
        assert stranger.location.startswith("/login/?next=/"), path
        for token in ("", "wrong"):
            fields = {"csrf_token": token, "word": "local/hello", "name": "kept"}
            answer = browser.client.post(path, data=fields)
            assert answer.status_code == 400, path
            assert "too old" in answer.text, path
            assert path != "/new-project/" or 'value="kept"' in answer.text
    assert (rows(copr, Project), rows(copr, Build)) == before


def test_a_project_of_a_form_is_that_of_the_api(copr: LocalCopr, api: Any, browser: Browser) -> None:
    texts = {
        "description": "It *greets*.",
        "instructions": "Use it.",
        "homepage": "https://example.com/",
        "contact": "me@example.com",
        "repos": "https://example.com/a https://example.com/b",
        "runtime_dependencies": "https://example.com/c",
        "repo_priority": "7",
        "delete_after_days": "3",
        "bootstrap": "off",
        "isolation": "simple",
    }
    api.call(
        "POST",
        "/project/add/local",
        {"name": "one", "chroots": [X86], **texts, "enable_net": True, "follow_fedora_branching": False},
    )
    answer = browser.send("/new-project/", name="two", chroots=[X86], **texts, enable_net="y")
    assert answer.location == "/coprs/local/two/"
    same(copr, Project, Project.name == "one", Project.name == "two")
    changed = {**texts, "homepage": "https://example.com/new", "repos": "", "repo_priority": ""}
    api.call(
        "PUT",
        "/project/edit/local/one",
        {**changed, "chroots": [ARM], "multilib": True, "enable_net": False, "follow_fedora_branching": True},
    )
    browser.send(
        "/coprs/local/two/settings/", **changed, chroots=[ARM], multilib="y", follow_fedora_branching="y"
    )
    (project,) = same(copr, Project, Project.name == "one", Project.name == "two")
    with copr.database.reading() as tx:
        one, other = tx.session.scalars(select(Project.delete_after)).all()
        assert one
        assert other - one in (0, 86_400)  # midnight can be between them
    assert project["homepage"] == "https://example.com/new"
    same(copr, ProjectChroot, ProjectChroot.project_id == 1, ProjectChroot.project_id == 2)
    browser.send("/coprs/local/two/settings/", **{**changed, "homepage": ""}, chroots=[ARM])
    assert rows(copr, Project, Project.name == "two")[0]["homepage"] is None


def test_errors_are_beside_their_fields_and_nothing_typed_is_lost(copr: LocalCopr, browser: Browser) -> None:
    page = browser.send(
        "/new-project/", status=400, name="a/b", chroots=[], contact="nobody", description="<Typed> & kept"
    ).text
    assert "Name must contain only letters" in page
    assert "Choose at least one." in page
    assert "&lt;Typed&gt; &amp; kept" in page
    assert 'id="f-contact" name="contact" type="text" value="nobody"' in page
    assert re.search(r'<p class="problem" id="e-contact-1">Contact must be', page)
    assert 'aria-invalid="true"' in page
    assert rows(copr, Project) == []


def test_settings_of_a_chroot_are_those_of_the_api(copr: LocalCopr, api: Any, browser: Browser) -> None:
    for name in ("one", "two"):
        api.project(name, chroots=[X86])
    texts = {
        "additional_packages": "make gcc",
        "additional_repos": "https://example.com/",
        "additional_modules": "nodejs:20, !ruby:3",
        "with_opts": "tests",
        "without_opts": "docs",
        "bootstrap": "on",
        "isolation": "nspawn",
    }
    api.call("PUT", f"/project-chroot/edit/local/one/{X86}", texts)
    browser.send(f"/coprs/local/two/settings/{X86}/", **texts)
    same(copr, ProjectChroot, ProjectChroot.project_id == 1, ProjectChroot.project_id == 2)
    wrong = browser.send(f"/coprs/local/two/settings/{X86}/", status=400, additional_modules="x").text
    assert "Module name" in wrong


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
    options = {"timeout": "100", "enable_net": "true", "background": "y"}
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
    cookies = {name: browser.client.get_cookie(name) for name in ("session", "copr-forms")}
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


def test_roles_are_requested_and_given(copr: LocalCopr, api: Any, browser: Browser) -> None:
    for name in ("one", "two"):
        api.project(name, chroots=[X86])
    bob = Browser(copr)
    bob.log_in(copr.add_user("bob"))
    path = "/coprs/local/two/permissions/"
    assert "Request permission" in bob.get("/coprs/local/two/")
    bob.send(path, builder="y")
    assert rows(copr, Permission)[0]["builder"] == "request"
    api.call(
        "PUT", "/project/permissions/set/local/one", {"bob": {"builder": "approved", "admin": "nothing"}}
    )
    browser.send(path, user="bob", builder="approved", admin="nothing")
    same(copr, Permission, Permission.project_id == 1, Permission.project_id == 2)
    assert "New build" in bob.get("/coprs/local/two/")
    assert "No such user" in browser.send(path, status=400, user="nobody", builder="approved").text
    assert bob.client.get("/coprs/local/two/settings/").status_code == 403
    assert bob.client.get("/coprs/local/two/delete/").status_code == 403


def test_a_fork_webhooks_and_a_deletion(copr: LocalCopr, api: Any, browser: Browser) -> None:
    api.project(chroots=[X86])
    api.call("POST", "/project/fork/local/hello", {"ownername": "local", "name": "one"})
    browser.send("/coprs/local/hello/fork/", ownername="local", name="two")
    same(copr, Project, Project.name == "one", Project.name == "two")
    again = browser.send("/coprs/local/hello/fork/", status=400, ownername="local", name="two").text
    assert "Confirm to fork into it." in again
    path = "/coprs/local/two/webhooks/"
    before = re.findall(r"/webhooks/github/3/([-\w]+)/", browser.get(path))
    browser.send(path)
    after = re.findall(r"/webhooks/github/3/([-\w]+)/", browser.get(path))
    assert before
    assert before != after
    browser.send("/coprs/local/two/delete/", status=400, word="two")
    browser.send("/coprs/local/two/delete/", word="local/two")
    assert rows(copr, Project, Project.name == "two") == []


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


def test_a_new_token_is_shown_once_and_works(copr: LocalCopr) -> None:
    browser = Browser(copr)
    browser.log_in(copr.add_user("carol"))
    answer = browser.send("/api/new/", page="/api/", status=200)
    assert answer.headers["Cache-Control"] == "no-store"
    found = re.search(r"login = (\w+)\ntoken = (\w+)\n", answer.text)
    assert found is not None
    again = Browser(copr)
    again.log_in({"login": found[1], "token": found[2]})
    assert found[2] not in browser.get("/api/")
