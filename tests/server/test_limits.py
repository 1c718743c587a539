"""Requests with more values than the limits allow, and sources that users may not name."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from copr_local import LocalCopr
from copr_local.data.database import Database, Transaction
from copr_local.data.models import Project, User
from copr_local.rules import (
    build_deletion,
    checks,
    limits,
    project_dirs,
    project_search,
    projects,
    sources,
    submission,
    users,
)
from copr_local.rules.errors import Invalid
from copr_local.rules.listing import Page

MANY = " ".join(f"http://a/{n}" for n in range(limits.MOST["additional repositories"] + 1))
URLS = " ".join(f"http://a/{n}.spec" for n in range(limits.MOST["packages to build"] + 1))
LONG = "x" * (limits.MOST["characters in a text"] + 1)
VALUES = ["fedora-45-x86_64"] * (limits.MOST["values in a field"] + 1)


@pytest.mark.parametrize(
    ("method", "path", "body", "what"),
    [
        ("PUT", "/project/edit/local/hello", {"additional_repos": MANY}, "additional repositories"),
        ("PUT", "/project/edit/local/hello", {"runtime_dependencies": MANY}, "additional repositories"),
        ("PUT", "/project/edit/local/hello", {"description": LONG}, "characters in a text"),
        ("PUT", "/project/edit/local/hello", {"chroots": VALUES}, "values in a field"),
        ("PUT", "/project/edit/local/hello", {"additional_repos": " ".join(VALUES)}, "values in a field"),
        ("POST", "/build/create/url", {"pkgs": URLS}, "packages to build"),
        ("POST", "/build/create/url", {"pkgs": "http://a/b.spec", "chroots": VALUES}, "values in a field"),
        (
            "POST",
            "/build/create/url",
            {"pkgs": " ".join(URLS.split()[:501]), "chroots": ["fedora-45-x86_64", "fedora-45-aarch64"]},
            "chroots of new builds",
        ),
        ("PUT", "/project/edit/local/hello", dict.fromkeys(map(str, range(2001)), 1), "fields in a form"),
        ("DELETE", "/build/delete/list", {"builds": list(range(10_001))}, "builds to delete"),
        (
            "PUT",
            "/project/permissions/set/local/hello",
            {f"user{n}": {"builder": "approved"} for n in range(201)},
            "users with new roles",
        ),
    ],
)
def test_a_request_with_too_many_values_is_refused(
    api: Any, method: str, path: str, body: dict[str, Any], what: str
) -> None:
    api.project()
    named = {"ownername": "local", "projectname": "hello"} if path.startswith("/build/create") else {}
    error = api.error(method, path, 400, {**body, **named})
    assert f"{what}. At most {limits.MOST[what]} are possible." in error


def test_a_comps_file_may_have_four_mebibytes() -> None:
    largest = b"<comps/>".ljust(4 * 1024**2)
    assert checks.comps(largest) == largest.decode()
    with pytest.raises(Invalid, match="4194305 bytes in a comps file"):
        checks.comps(largest + b" ")


@pytest.mark.parametrize("words", [" ".join(["abc"] * 21), "a" * 501, "local/" + "a" * 500])
@pytest.mark.parametrize("path", ["/api_3/project/search", "/api_2/projects", "/api/coprs/search/"])
def test_a_search_has_a_limit(copr: LocalCopr, path: str, words: str) -> None:
    query = {"query": words, "search_query": words}
    if path == "/api/coprs/search/":
        path, query = f"{path}{words.replace('/', '%2F')}/", {}
    answer = copr.app.test_client().get(path, query_string=query)
    assert answer.status_code >= 400
    assert "At most" in answer.text or "/" in words


def test_words_that_fit_are_searched(database: Database) -> None:
    with database.reading() as tx:
        assert project_search.search(tx, " ".join(["abc"] * 20), Page()) == []
        with pytest.raises(Invalid, match="At most 20"):
            project_search.search(tx, " ".join(["abc"] * 21), Page())


def test_an_error_in_the_log_does_not_have_what_a_user_sent(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    value = "-".join(["from", "a", "user"])
    query = text("SELECT * FROM marker_table WHERE name = :name")
    with database.reading() as tx, pytest.raises(DBAPIError) as caught:
        tx.session.execute(query, {"name": value})
    logging.getLogger("copr_local").error("a request failed", exc_info=caught.value)
    assert "marker_table" in caplog.text
    assert value not in caplog.text


def test_unknown_builds_are_reported_together(api: Any) -> None:
    unknown = [*range(1000, 2500), -7, 2**70]
    error = api.error("DELETE", "/build/delete/list", 400, {"builds": unknown})
    assert error == f"Build(s) {', '.join(map(str, unknown))} don't exist.\n"


def test_many_builds_are_deleted_or_all_stay(api: Any) -> None:
    api.project()
    made = [api.upload(f"hello-{n}-1.src.rpm")["id"] for n in range(8)]
    for each in made:
        api.wait(each)
    api.error("DELETE", "/build/delete/list", 400, {"builds": [*made, 999]})
    listed = api.get("/build/list", ownername="local", projectname="hello")["items"]
    assert sorted(build["id"] for build in listed) == made
    api.call("DELETE", "/build/delete/list", {"builds": [*made, made[0]]})
    assert api.get("/build/list", ownername="local", projectname="hello")["items"] == []


def test_builds_that_cannot_be_deleted_are_named_with_the_reason(
    tx: Transaction, alice: User, hello: Project
) -> None:
    bob = users.add(tx, "bob")[0]
    other = projects.add(tx, bob, "bob", "other", ["fedora-45-x86_64"], {})
    source = sources.link("https://example.com/hello.spec")
    made = (
        (hello, alice, "failed"),
        (hello, alice, "running"),
        (other, bob, "failed"),
        (hello, alice, "pending"),
    )
    for project, user, state in made:
        place = project_dirs.get_dir(tx, project, project.name)
        submission.submit(tx, user, place, source, submission.Options()).state = state
    with pytest.raises(Invalid) as caught:
        build_deletion.delete_many(tx, alice, [99, 3, 2, 1, 2])
    assert str(caught.value) == (
        "You don't have permissions to delete build(s) 3.\n"
        "Build(s) 2 are still running.\n"
        "Build(s) 99 don't exist.\n"
    )
    build_deletion.check_none_running(tx, other)
    with pytest.raises(Invalid, match=r"^Build\(s\) 2, 4 are still running"):
        build_deletion.check_none_running(tx, hello)


@pytest.mark.parametrize("url", ["file:///srv/hello.git", "FILE:///srv/x", "file://localhost/srv"])
@pytest.mark.parametrize(
    ("wire", "path", "name"),
    [
        ("api_3", "/build/create/scm", "clone_url"),
        ("api_3", "/package/add/local/hello/p/scm", "clone_url"),
        ("api", "/coprs/local/hello/new_build_distgit/", "clone_url"),
        ("api", "/coprs/local/hello/new_build_scm/", "clone_url"),
        ("api", "/coprs/local/hello/new_build_tito/", "git_url"),
        ("api", "/coprs/local/hello/new_build_mock/", "scm_url"),
    ],
)
def test_no_api_clones_a_folder_of_the_machine(
    copr: LocalCopr, api: Any, wire: str, path: str, name: str, url: str
) -> None:
    api.project()
    fields = {"ownername": "local", "projectname": "hello", "package_name": "p", name: url}
    extra = {"json": fields} if wire == "api_3" else {"data": {**fields, "fedora-45-x86_64": "y"}}
    login = (copr.config["login"], copr.config["token"])
    answer = copr.app.test_client().post(f"/{wire}{path}", auth=login, **extra)
    assert answer.status_code >= 400
    assert "URL" in answer.text
    assert api.get("/build/list", ownername="local", projectname="hello")["items"] == []


def test_a_namespace_stays_in_the_dist_git(database: Database) -> None:
    with database.writing() as tx:
        sources.offer_distgits(tx, {"mine": "file:///srv/distgit"})
        source = sources.distgit(tx, "hello", namespace="forks/alice")
        assert source.parameters["clone_url"] == "file:///srv/distgit/forks/alice/rpms/hello"
        with pytest.raises(Invalid, match="namespace"):
            sources.distgit(tx, "hello", namespace="../../home")


@pytest.mark.parametrize(
    "path", ["/api_3/project/add/local", "/api/coprs/local/new/", "/api_2/projects", "/webhooks/github/1/x"]
)
def test_a_form_has_a_limit_of_fields(copr: LocalCopr, path: str) -> None:
    login = (copr.config["login"], copr.config["token"])
    kind = "application/x-www-form-urlencoded"
    many = "&".join(["a=1"] * (limits.MOST["fields in a form"] + 1))
    answer = copr.app.test_client().post(path, data=many, content_type=kind, auth=login)
    assert answer.status_code == 400
    assert "2001 fields in a form. At most 2000 are possible." in answer.text


def test_a_request_for_very_many_roles_is_refused(api: Any) -> None:
    api.project()
    roles = {f"role{n}": True for n in range(limits.MOST["values in a field"] + 1)}
    assert "At most 1000" in api.error("PUT", "/project/permissions/request/local/hello", 400, roles)
