"""Forms of the pages: sign in, and that each form leaves in the database what API v3 does."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from page_forms import SECRET, Browser, rows, same
from sqlalchemy import select

from copr_local import LocalCopr
from copr_local.data.models import (
    Build,
    LoginSession,
    Permission,
    Project,
    ProjectChroot,
)

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


def test_signing_in_starts_a_session_that_signing_out_ends(copr: LocalCopr) -> None:
    browser = Browser(copr)
    assert "Sign in" in browser.get("/")
    wrong = browser.send("/login/", status=400, login=copr.config["login"], token="wrong")
    assert "are not valid" in wrong.text
    assert f'value="{copr.config["login"]}"' in wrong.text
    answer = browser.log_in(copr.config)
    assert answer.location == "/"
    cookie = next(
        value for value in answer.headers.getlist("Set-Cookie") if value.startswith("copr-session-")
    )
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
    api.call("PUT", f"/project-chroot/edit/local/one/{X86}", {"bootstrap_image": "example.com/a:1"})
    image = {**texts, "bootstrap": "custom_image", "bootstrap_image": "example.com/a:1"}
    browser.send(f"/coprs/local/two/settings/{X86}/", **image)
    same(copr, ProjectChroot, ProjectChroot.project_id == 1, ProjectChroot.project_id == 2)
    wrong = browser.send(f"/coprs/local/two/settings/{X86}/", status=400, additional_modules="x").text
    assert re.search(r'id="e-additional_modules-1">Module name', wrong)


def test_groups_of_packages_of_a_form_are_those_of_the_api(
    copr: LocalCopr, api: Any, browser: Browser
) -> None:
    for name in ("one", "two"):
        api.project(name, chroots=[X86])
    path, file = f"/coprs/local/two/settings/{X86}/", (b"<comps><group/></comps>", "groups.xml")
    sent = {"upload_comps": (io.BytesIO(file[0]), file[1])}
    assert api.raw("PUT", f"/project-chroot/edit/local/one/{X86}", data=sent).status_code == 200
    browser.send(path, upload_comps=(io.BytesIO(file[0]), file[1]))
    (chroot,) = same(copr, ProjectChroot, ProjectChroot.project_id == 1, ProjectChroot.project_id == 2)
    assert (chroot["comps"], chroot["comps_name"]) == (file[0].decode(), file[1])
    link = re.search(rf'<a href="{copr.url}(\S+)">groups.xml</a>', browser.get(path))
    assert link is not None
    assert browser.file(link[1]) == file[0]
    wrong = browser.send(path, status=400, upload_comps=(io.BytesIO(b"<html/>"), "x.xml")).text
    assert 'id="e-upload_comps-1">The file must have a &lt;comps&gt; element' in wrong
    api.call("PUT", f"/project-chroot/edit/local/one/{X86}", {"delete_comps": True})
    browser.send(path, delete_comps="y")
    (chroot,) = same(copr, ProjectChroot, ProjectChroot.project_id == 1, ProjectChroot.project_id == 2)
    assert chroot["comps"] is None


def test_repositories_are_regenerated_as_by_the_api(copr: LocalCopr, api: Any, browser: Browser) -> None:
    def metadata(name: str) -> bytes:
        return browser.file(f"/results/local/{name}/{X86}/repodata/repomd.xml")

    for name in ("one", "two"):
        api.project(name, chroots=[X86], devel_mode=True)
        url = "https://example.com/hello-1.0-1.src.rpm"
        body = {"ownername": "local", "projectname": name, "pkgs": [url]}
        api.wait(api.call("POST", "/build/create/url", body)["items"][0]["id"])
    before = metadata("one"), metadata("two")
    api.call("PUT", "/project/regenerate-repos/local/one")
    answer = browser.send("/coprs/local/two/regenerate/", page="/coprs/local/two/settings/")
    assert "is written again" in browser.get(answer.location)
    for name, old in zip(("one", "two"), before, strict=True):
        api.until(lambda name=name, old=old: metadata(name) != old)


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
