"""Projects over API v3: adding, reading, listing, searching."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from copr_local import LocalCopr
from copr_local.data.models import Project
from copr_local.rules import users

CHROOTS = ["fedora-45-x86_64", "fedora-45-aarch64"]


def names(listing: Any) -> list[str]:
    return [project["name"] for project in listing["items"]]


def test_a_minimal_project_has_the_defaults_of_the_original(api: Any, copr: LocalCopr) -> None:
    made = api.call("POST", "/project/add/local", {"name": "hello", "chroots": CHROOTS})
    results = f"{copr.url}/results/local/hello"
    assert made == {
        "name": "hello",
        "persistent": False,
        "additional_repos": [],
        "storage": "backend",
        "homepage": None,
        "contact": None,
        "description": "",
        "instructions": "",
        "devel_mode": False,
        "unlisted_on_hp": False,
        "auto_prune": True,
        "enable_net": False,
        "bootstrap": "default",
        "isolation": "default",
        "module_hotfixes": False,
        "appstream": False,
        "packit_forge_projects_allowed": [],
        "follow_fedora_branching": True,
        "repo_priority": None,
        "id": 1,
        "ownername": "local",
        "full_name": "local/hello",
        "chroot_repos": {name: f"{results}/{name}/" for name in CHROOTS},
    }
    assert api.get("/project", ownername="local", projectname="hello") == made


def test_everything_that_can_be_set_is_kept(api: Any, copr: LocalCopr) -> None:
    api.project("tools")
    wanted = {
        "description": "Grüße — **world** ✓",
        "instructions": "dnf install hello",
        "homepage": "https://example.com/hello",
        "contact": "alice@example.com",
        "additional_repos": ["https://example.com/repo/$basearch/", "copr://local/tools"],
        "unlisted_on_hp": True,
        "enable_net": True,
        "devel_mode": True,
        "module_hotfixes": True,
        "appstream": True,
        "bootstrap": "on",
        "isolation": "nspawn",
        "follow_fedora_branching": False,
        "repo_priority": 22,
    }
    silent = {
        "multilib": True,
        "fedora_review": True,
        "runtime_dependencies": "https://example.com/runtime/",
        "delete_after_days": 10,
    }
    forge = {"packit_forge_projects_allowed": ["https://github.com/alice/hello"]}
    made = api.project(**wanted, **silent, **forge)
    assert {name: made[name] for name in wanted} == wanted
    assert made["packit_forge_projects_allowed"] == ["github.com/alice/hello"]
    assert not silent.keys() & made.keys()
    with copr.database.reading() as tx:
        kept = tx.session.get_one(Project, made["id"])
        assert (kept.multilib, kept.fedora_review) == (True, True)
        assert kept.runtime_dependencies == ["https://example.com/runtime/"]
        assert kept.delete_after == (int(time.time()) // 86_400 + 11) * 86_400, "midnight after 10 days"


def test_null_means_not_given(api: Any) -> None:
    made = api.project(auto_prune=None, follow_fedora_branching=None, description=None, repo_priority=None)
    assert made["auto_prune"] is True
    assert made["follow_fedora_branching"] is True
    assert made["description"] == ""


def test_only_false_the_text_false_and_the_empty_text_are_false(api: Any) -> None:
    assert api.project("a", enable_net="false")["enable_net"] is False
    assert api.project("b", enable_net="")["enable_net"] is False
    assert api.project("c", enable_net="False")["enable_net"] is True
    assert api.project("d", enable_net=False)["enable_net"] is False


def test_a_form_is_as_good_as_json(api: Any) -> None:
    api.project()
    form = {"description": "by form", "enable_net": "y"}
    made = api.raw("PUT", "/project/edit/local/hello", data=form).get_json()
    assert (made["description"], made["enable_net"], list(made["chroot_repos"])) == ("by form", True, CHROOTS)


def test_only_json_can_say_what_the_chroots_are(api: Any) -> None:
    letters = "Unexpected chroot: " + ", ".join(sorted(set(CHROOTS[0])))
    for data in ({"json": {"name": "x", "chroots": CHROOTS[0]}}, {"data": {"name": "x", "chroots": CHROOTS}}):
        answer = api.raw("POST", "/project/add/local", **data)
        assert (answer.status_code, answer.get_json()["error"]) == (400, letters)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"chroots": CHROOTS}, "name: This field is required."),
        ({"name": "x"}, "chroots: '[]' is not a valid choice for this field."),
        ({}, "name: This field is required.\nchroots: '[]' is not a valid choice for this field."),
        (
            {"name": "x", "chroots": ["fedora-99-x86_64", *CHROOTS]},
            "chroots: 'fedora-99-x86_64' is not a valid choice for this field.",
        ),
        (
            {"name": "bad name/!", "chroots": CHROOTS},
            "name: Name must contain only letters, digits, underscores, dashes and dots.",
        ),
        ({"name": "12345", "chroots": CHROOTS}, "name: Project's name can not be just number."),
        ({"name": "..", "chroots": CHROOTS}, "name: Project's name can not be just dots."),
        ({"name": "x" * 101, "chroots": CHROOTS}, "name: Field cannot be longer than 100 characters."),
        ({"name": "x", "chroots": "ab"}, "chroots: 'ab' is not a valid choice for this field."),
        (
            {"name": "x", "chroots": CHROOTS, "additional_repos": ["copr://bob/nothing"]},
            "repos: copr://bob/nothing does not exist.",
        ),
        (
            {"name": "x", "chroots": CHROOTS, "repo_priority": 10**30},
            "repo_priority: Not a valid integer value.",
        ),
        (
            {"name": "x", "chroots": CHROOTS, "delete_after_days": 10**30, "repo_priority": -(10**30)},
            "repo_priority: Number must be at least 1.\n"
            "delete_after_days: Number must be between -1 and 720.",
        ),
    ],
)
def test_a_bad_field_is_named(body: dict[str, Any], error: str, api: Any) -> None:
    assert api.error("POST", "/project/add/local", 400, body) == error


def test_all_bad_fields_are_named_at_once(api: Any) -> None:
    body = {
        "name": "12345",
        "chroots": CHROOTS,
        "homepage": "not a url",
        "contact": "nobody",
        "additional_repos": ["ftp//bad"],
        "bootstrap": "sometimes",
        "isolation": "magic",
        "delete_after_days": 9999,
        "repo_priority": 0,
    }
    assert api.error("POST", "/project/add/local", 400, body).split("\n") == [
        "homepage: Invalid URL.",
        "contact: Contact must be email address or URL",
        "repos: A list of http[s] URLs separated by whitespace characters is needed"
        " ('ftp//bad' doesn't seem to be a valid URL).",
        "bootstrap: Not a valid choice.",
        "isolation: Not a valid choice.",
        "repo_priority: Number must be at least 1.",
        "name: Project's name can not be just number.",
        "delete_after_days: Number must be between -1 and 720.",
    ]


def test_a_text_where_a_list_of_chroots_belongs_is_refused(api: Any) -> None:
    error = api.error("POST", "/project/add/local", 400, {"name": "x", "chroots": CHROOTS[0]})
    assert error.startswith("Unexpected chroot: ")


@pytest.mark.parametrize("content", [b'{"name": ', b"", b"null"])
def test_a_body_that_is_no_json_counts_as_empty(content: bytes, api: Any) -> None:
    response = api.raw("POST", "/project/add/local", data=content, content_type="application/json")
    assert response.status_code == 400
    assert response.get_json()["error"].startswith("name: This field is required.")


def test_json_that_is_no_object_is_500_as_in_the_original(api: Any) -> None:
    assert "bug in the Copr code" in api.error("POST", "/project/add/local", 500, ["x"])


def test_values_of_odd_types_never_crash(api: Any) -> None:
    for odd in ({"a": 1}, [[1], {"b": 2}], 1.5, "\ud800", True, 10**400):
        for field in ("name", "description", "chroots", "repo_priority", "homepage", "additional_repos"):
            body = {"name": "odd", "chroots": CHROOTS, field: odd}
            status = api.raw("POST", "/project/add/local", json=body).status_code
            assert status in (200, 400), (field, odd)


def test_a_name_is_taken_once_for_each_owner(api: Any, log_in: Callable[..., Any]) -> None:
    first = api.project(description="mine")
    body = {"name": "hello", "chroots": CHROOTS, "description": "again"}
    error = api.error("POST", "/project/add/local", 400, body)
    assert error == "name: You already have a project named 'hello'."
    assert api.call("POST", "/project/add/local", body, exist_ok="True") == first
    for not_true in ("False", "true", "1"):
        api.error("POST", "/project/add/local", 400, body, exist_ok=not_true)
    assert log_in("bob").call("POST", "/project/add/bob", body)["full_name"] == "bob/hello"


def test_what_only_administrators_may(api: Any, log_in: Callable[..., Any]) -> None:
    admin = log_in("root", admin=True)
    for field, error in (
        ({"persistent": True}, "Non-admin cannot create persistent project."),
        ({"auto_prune": False}, "Non-admin cannot disable auto-prunning."),
        ({"storage": "pulp"}, "Non-admin cannot set storage"),
    ):
        body = {"name": "x", "chroots": CHROOTS, **field}
        assert api.error("POST", "/project/add/local", 403, body) == error
    made = admin.call(
        "POST",
        "/project/add/root",
        {"name": "x", "chroots": CHROOTS, "persistent": True, "auto_prune": False},
    )
    assert (made["persistent"], made["auto_prune"]) == (True, False)
    body = {"name": "y", "chroots": CHROOTS, "storage": "pulp"}
    assert "pulp is not supported" in admin.error("POST", "/project/add/root", 400, body)


def test_who_may_add_for_whom(api: Any, copr: LocalCopr, log_in: Callable[..., Any]) -> None:
    bob = log_in("bob")
    with copr.database.writing() as tx:
        users.add_group(tx, "devs", "fas_devs", [users.get(tx, "local")])
    body = {"name": "x", "chroots": CHROOTS}
    assert api.call("POST", "/project/add/@devs", body)["full_name"] == "@devs/x"
    assert (
        api.error("POST", "/project/add/@devs", 400, body)
        == "name: Group devs (fas: fas_devs) already has a project named 'x'."
    )
    for who, owner, status, error in (
        (
            bob,
            "local",
            403,
            "You were authorized as 'bob' user without permissions to access projects of user 'local'",
        ),
        (
            bob,
            "@devs",
            403,
            "User 'bob' doesn't have access to the copr group 'devs' (fas_name='fas_devs')",
        ),
        (api, "nobody", 404, "No such user `nobody'"),
        (api, "@nogroup", 404, "Group nogroup does not exist."),
    ):
        assert who.error("POST", f"/project/add/{owner}", status, {**body, "name": "y"}) == error
        if status == 403:
            assert who.error("POST", f"/project/add/{owner}", 400, {}).startswith("name: This field")


def test_an_inactive_chroot_cannot_be_chosen(api: Any, copr: LocalCopr) -> None:
    from copr_local.data.models import MockChroot

    with copr.database.writing() as tx:
        tx.session.get_one(MockChroot, "epel-10-x86_64").is_active = False
    error = api.error("POST", "/project/add/local", 400, {"name": "x", "chroots": ["epel-10-x86_64"]})
    assert error == "chroots: 'epel-10-x86_64' is not a valid choice for this field."
    assert "epel-10-x86_64" not in api.get("/mock-chroots/list")


def test_what_is_not_there_is_404(anonymous: Any, api: Any) -> None:
    for query, error in (
        ({"ownername": "local", "projectname": "nope"}, "Project local/nope does not exist."),
        ({"ownername": "nobody", "projectname": "nope"}, "Project nobody/nope does not exist."),
        ({"ownername": "@nogroup", "projectname": "nope"}, "Group nogroup does not exist."),
    ):
        assert anonymous.error("GET", "/project", 404, **query) == error
    assert anonymous.error("GET", "/project", 400, ownername="local") == "Missing argument projectname"
    assert api.error("PUT", "/project/edit/local/nope", 404, {}) == "Project local/nope does not exist."
    assert api.error("DELETE", "/project/delete/local/nope", 404) == "Project local/nope does not exist."


def test_pages_of_a_listing(api: Any) -> None:
    for name in ("delta", "alpha", "charlie", "bravo"):
        api.project(name)
    whole = api.get("/project/list", ownername="local")
    assert names(whole) == ["delta", "alpha", "charlie", "bravo"]
    assert whole["meta"] == {"limit": None, "offset": 0, "order": "id", "order_type": "ASC"}
    page = api.get("/project/list", limit=2, offset=1)
    assert names(page) == ["alpha", "charlie"]
    assert page["meta"] == {"limit": 2, "offset": 1, "order": "id", "order_type": "ASC"}
    assert names(api.get("/project/list", offset=3)) == ["bravo"]
    assert names(api.get("/project/list", order="name", order_type="DESC", limit=2)) == ["delta", "charlie"]
    assert names(api.get("/project/list", order="name", limit=1)) == ["alpha"]
    assert names(api.get("/project/list", offset=100)) == []
    assert names(api.get("/project/list", ownername="nobody")) == []
    assert names(api.get("/project/list", colour="red")) == names(whole)


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"order": "nonsense"}, "Cannot order by nonsense, copr doesn't have such property"),
        ({"order": "full_name"}, "Cannot order by full_name"),
        ({"limit": "many"}, "{'limit': ['Not a valid integer value.']}"),
        ({"offset": "9" * 30}, "Request wasn't successful, there is probably a bug in the Copr code."),
        ({"order_type": "desc"}, "{'order_type': ['Not a valid choice.']}"),
        ({"limit": "-1"}, "Request wasn't successful, there is probably a bug in the Copr code."),
        ({"offset": "-5"}, "Request wasn't successful, there is probably a bug in the Copr code."),
    ],
)
def test_a_bad_page_is_500_as_in_the_original(query: dict[str, str], error: str, anonymous: Any) -> None:
    assert anonymous.error("GET", "/project/list", 500, **query) == error


def test_search(api: Any) -> None:
    api.project("hello-world", description="greets people")
    api.project("tools", instructions="use with hello-world")
    search = lambda query: names(api.get("/project/search", query=query))  # noqa: E731
    assert search("HELLO") == ["hello-world", "tools"]
    backwards = {"query": "hello", "order": "name", "order_type": "DESC"}
    assert names(api.get("/project/search", **backwards)) == ["tools", "hello-world"]
    assert search("greets people") == ["hello-world"]
    assert search("oca/hello") == ["hello-world"]
    assert search("local/nothing") == []
    assert search("he%lo") == []
    assert search('h*llo "(') == []
    assert (
        api.error("GET", "/project/search", 400, query="he")
        == "Search string must have at least 3 characters"
    )
    assert api.error("GET", "/project/search", 400) == "Missing argument query"
    error = api.error("GET", "/project/search", 500, query="hello", order="nonsense")
    assert error == "Cannot order by nonsense, copr doesn't have such property"


def test_a_search_finds_projects_by_their_packages(api: Any) -> None:
    api.project("tools")
    api.project("others")
    body = {"package_name": "libgreeting", "gem_name": "greeting"}
    api.call("POST", "/package/add/local/tools/libgreeting/rubygems", body)
    assert names(api.get("/project/search", query="Greeting")) == ["tools"]


@pytest.mark.parametrize("query", ["t__ls", "t%ls", "local/t__ls", "l%l/tools", "loca_/tools", "@de_s/tools"])
def test_wildcards_of_databases_are_letters_in_a_search(query: str, copr: LocalCopr, api: Any) -> None:
    with copr.database.writing() as tx:
        users.add_group(tx, "devs", "fas_devs", [users.get(tx, "local")])
    api.project("tools", description="tools", instructions="tools")
    api.project("tools", "@devs")
    body = {"package_name": "tools", "gem_name": "tools"}
    api.call("POST", "/package/add/local/tools/tools/rubygems", body)
    assert names(api.get("/project/search", query=query)) == []
