"""Query arguments: missing and empty ones, pages and orders, and the newest builds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from copr_local import LocalCopr
from copr_local.rules import projects, users
from copr_local.rules.errors import NotFound

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"
PROJECT = {"ownername": "local", "projectname": "hello"}
BUG = "Request wasn't successful, there is probably a bug in the Copr code."
NO_JSON = "Did not attempt to load JSON data because the request Content-Type was not 'application/json'."
OF_PROJECTS = ("/project", "/build/list", "/package/list", "/monitor")


@pytest.fixture(autouse=True)
def project(api: Any) -> Any:
    return api.project()


@pytest.mark.parametrize("path", OF_PROJECTS)
def test_an_empty_name_is_looked_for_in_a_body_that_is_not_there(path: str, anonymous: Any) -> None:
    for empty in PROJECT:
        assert anonymous.error("GET", path, 415, **{**PROJECT, empty: ""}) == NO_JSON


def test_what_is_missing_is_said_before_what_there_is_not(anonymous: Any) -> None:
    nowhere = {"ownername": "local", "projectname": "nope"}
    for path, query, name in (
        ("/package", nowhere, "packagename"),
        ("/project-chroot", nowhere, "chrootname"),
        ("/project-chroot/build-config", nowhere, "chrootname"),
        ("/build-chroot", {"build_id": 99_999}, "chrootname"),
    ):
        assert anonymous.error("GET", path, 400, **query) == f"Missing argument {name}"
    error = anonymous.error("GET", "/monitor", 404, **nowhere, **{"additional_fields[]": "nope"})
    assert error == "Project local/nope does not exist."


def test_an_empty_argument_that_need_not_be_there_is_none(api: Any, submit: Any) -> None:
    api.wait(submit()["id"])
    assert len(api.get("/project/list", ownername="")["items"]) == 1
    assert len(api.get("/build/list", **PROJECT, packagename="", status="")["items"]) == 1
    assert len(api.get("/monitor", **PROJECT, project_dirname="")["packages"]) == 1
    found = api.get("/project/list", limit="", offset="", order="")
    assert found["meta"] == {"limit": None, "offset": 0, "order": "id", "order_type": "ASC"}


def test_a_limit_of_zero_is_none(api: Any) -> None:
    api.project("other")
    found = api.get("/project/list", limit=0)
    assert (len(found["items"]), found["meta"]["limit"]) == (2, None)


def test_listings_are_sorted_by_the_columns_that_the_original_has(api: Any) -> None:
    api.project("other")
    order = lambda name: api.get("/project/list", order=name, order_type="DESC")["items"]  # noqa: E731
    for name in ("created_on", "repos", "build_enable_net"):
        assert [project["name"] for project in order(name)] in (["other", "hello"], ["hello", "other"])
    assert order("created_on")[0]["name"] == "other"
    for name in ("ownername", "additional_repos", "nonsense"):
        error = api.error("GET", "/project/list", 500, order=name)
        assert error == f"Cannot order by {name}, copr doesn't have such property"
    for path, name in (
        ("/project/list", "devel_mode"),
        ("/build/list", "state"),
        ("/build/list", "ended_on"),
    ):
        assert api.error("GET", path, 500, **PROJECT, order=name) == f"Cannot order by {name}"


# The columns of the real Copr frontend by which each listing can be sorted.
COLUMNS = {
    "/project/list": "id name homepage contact description instructions user_id group_id forked_from_id"
    " unlisted_on_hp persistent auto_prune isolation bootstrap follow_fedora_branching delete_after multilib"
    " module_hotfixes runtime_dependencies fedora_review appstream packit_forge_projects_allowed"
    " repo_priority created_on repos build_enable_net",
    "/package/list": "id name source_type webhook_rebuild max_builds timeout copr_id source_json"
    " chroot_denylist_raw",
    "/build/list": "id submitted_on user_id package_id batch_id source_type timeout is_background enable_net"
    " bootstrap isolation copr_id copr_dir_id pkg_version source_json source_status srpm_url",
    "/build-chroot/list": "build_id started_on ended_on id mock_chroot_id status",
}
# What the real Copr frontend shows, and computes for each row.
COMPUTED = {
    "/project/list": "full_name owner owner_name repo_url repos_list devel_mode enable_net delete_after_days",
    "/package/list": "chroots last_build source_type_text chroot_denylist",
    "/build/list": "state status started_on ended_on package_name repos_list source_state chroots",
    "/build-chroot/list": "state result_dir_url finished",
}


@pytest.mark.parametrize("path", COLUMNS)
def test_a_listing_can_be_sorted_by_every_column_and_by_nothing_else(path: str, api: Any) -> None:
    query = {"build_id": 1} if path == "/build-chroot/list" else PROJECT
    for name in COLUMNS[path].split():
        assert api.get(path, **query, order=name)["meta"]["order"] == name
    for name in COMPUTED[path].split():
        assert api.error("GET", path, 500, **query, order=name) == f"Cannot order by {name}"


def test_a_package_listing_is_sorted_by_the_values_of_a_column(api: Any) -> None:
    for name, gem, denied in (("a", "y", "fedora-*"), ("b", "z", ""), ("c", "x", "epel-*")):
        body = {"package_name": name, "gem_name": gem, "chroot_denylist": denied}
        api.call("POST", f"/package/add/local/hello/{name}/rubygems", body)

    def order(column: str, kind: str = "ASC") -> str:
        found = api.get("/package/list", **PROJECT, order=column, order_type=kind)
        return "".join(package["name"] for package in found["items"])

    assert (order("source_json"), order("source_json", "DESC")) == ("cab", "bac")
    assert order("copr_id") == order("timeout", "DESC") == "abc", "equal values are sorted by id"


def test_ids_larger_than_a_database_can_store_are_not_found(api: Any) -> None:
    for number in (2**63 - 1, 2**63, 2**63 + 1, 2**64 - 1):
        assert api.error("GET", f"/build/{number}", 404) == f"Build {number} does not exist."
        assert api.get("/build-chroot/list", build_id=number)["items"] == []


def test_the_chroots_of_a_build_come_in_pages(api: Any, submit: Any) -> None:
    build_id = submit()["id"]
    api.wait(build_id)

    def chroots(**query: Any) -> list[str]:
        found = api.get("/build-chroot/list", build_id=build_id, **query)
        return [chroot["name"] for chroot in found["items"]]

    assert chroots() == chroots(order="name") == chroots(order="id") == [ARM, X86]
    assert chroots(order_type="DESC") == [X86, ARM]
    assert chroots(limit=1, offset=1) == [X86]
    old = api.get(f"/build-chroot/list/{build_id}", limit=1, order="name")
    assert (len(old["items"]), old["meta"]["order"]) == (1, "id")
    assert api.get("/build-chroot/list", build_id=99_999)["items"] == []
    assert api.get("/build-chroot/list", build_id=10**30)["items"] == []
    for number in ("abc", "٣", "9" * 5000, "--1"):
        assert api.error("GET", "/build-chroot/list", 500, build_id=number) == BUG
    for number in ("-1", "٣", "9" * 5000):
        error = api.error("GET", "/build-chroot", 404, build_id=number, chrootname="fedora-45-x86_64")
        assert error == f"Build {number} does not exist."
    error = api.error("GET", "/build-chroot/list", 500, build_id=build_id, order="nonsense")
    assert error == "Cannot order by nonsense, build_chroot doesn't have such property"


def test_with_a_state_an_offset_counts_all_builds(api: Any, submit: Any) -> None:
    first, second, third = (submit()["id"] for _ in range(3))
    for build_id in (first, second, third):
        api.wait(build_id)
    api.call("DELETE", f"/build/delete/{second}")
    found = api.get("/build/list", **PROJECT, status="succeeded", offset=1, limit=5)
    assert [build["id"] for build in found["items"]] == [first]
    assert found["meta"]["limit"] == 5
    assert api.get("/build/list", **PROJECT, status="succeeded", offset=2)["items"] == []


def test_a_listing_of_packages_shows_newest_builds_for_the_words_of_truth_only(api: Any, submit: Any) -> None:
    build_id = submit()["id"]
    api.wait(build_id)
    aside = submit(project_dirname="hello:custom:x")["id"]
    api.wait(aside)

    def latest(path: str, value: str, **query: str) -> Any:
        found = api.get(path, **PROJECT, **query, with_latest_build=value)
        build = found.get("items", [found])[0]["builds"]["latest"]
        return build and build["id"]

    for value in ("True", "true", "1"):
        assert latest("/package/list", value) == build_id, "of the project's own folder"
    for value in ("False", "no", "0", ""):
        assert latest("/package/list", value) is None
    for value in ("False", "True"):
        assert latest("/package", value, packagename="hello") == aside
    api.call("DELETE", f"/build/delete/{build_id}")
    assert latest("/package/list", "True") == aside, "if there is no other"


def test_a_search_finds_owners_by_who_made_a_project(
    api: Any, copr: LocalCopr, log_in: Callable[..., Any]
) -> None:
    bob = log_in("bob")
    bob.project("world", "bob")
    with copr.database.writing() as tx:
        users.add_group(tx, "devs", "fas_devs", [users.get(tx, "bob")])
    bob.project("team", "@devs")

    def search(query: str) -> list[str]:
        return [project["full_name"] for project in api.get("/project/search", query=query)["items"]]

    assert search("bob/") == ["bob/world", "@devs/team"]
    assert search("@dev/") == search("@DEVS/tea") == ["@devs/team"]
    assert search("@adevs/") == []
    assert search("/worl") == ["bob/world"]
    assert search("") == ["local/hello", "bob/world", "@devs/team"]
    assert search(" *hel* ") == ["local/hello"]
    for short in ("he", "  he  ", "h*e", "***", "   "):
        assert "at least 3 characters" in api.error("GET", "/project/search", 400, query=short)


@pytest.mark.parametrize("project_id", [-(10**30), -1, 0, 10**30])
def test_no_number_of_a_project_is_too_large_for_the_database(copr: LocalCopr, project_id: int) -> None:
    with copr.database.reading() as tx, pytest.raises(NotFound):
        projects.get_by_id(tx, project_id)
