"""Changes of projects over API v3: editing, losing chroots, refusing builds, deleting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from copr_local import LocalCopr
from copr_local.data.models import Project
from copr_local.rules import chroots

CHROOTS = ["fedora-45-x86_64", "fedora-45-aarch64"]


def test_an_edit_changes_what_it_names_and_nothing_else(api: Any) -> None:
    made = api.project(
        description="old",
        homepage="https://example.com/",
        repo_priority=5,
        additional_repos=["https://a.example/"],
    )
    edit = lambda **body: api.call("PUT", "/project/edit/local/hello", body)  # noqa: E731
    assert edit() == made
    assert edit(description=None, chroots=[], homepage="", repo_priority=None) == made
    assert edit(description="") == {**made, "description": ""}
    assert edit(description="new", enable_net=True) == {**made, "description": "new", "enable_net": True}
    assert edit(repos=[])["additional_repos"] == []
    assert edit(additional_repos=["https://b.example/"])["additional_repos"] == ["https://b.example/"]
    assert edit(repos="https://c.example/ https://d.example/")["additional_repos"] == [
        "https://c.example/",
        "https://d.example/",
    ]
    assert edit(bootstrap="image", isolation="simple")["bootstrap"] == "image"
    assert edit(homepage="https://example.com/new")["homepage"] == "https://example.com/new"


def test_delete_after_days_can_be_taken_back(api: Any, copr: LocalCopr) -> None:
    made = api.project(delete_after_days=10)
    api.call("PUT", "/project/edit/local/hello", {"delete_after_days": -1})
    with copr.database.reading() as tx:
        assert tx.session.get_one(Project, made["id"]).delete_after is None


def test_chroots_of_a_project_can_be_changed(api: Any, copr: LocalCopr) -> None:
    api.project()
    edit = lambda *chroots: list(  # noqa: E731
        api.call("PUT", "/project/edit/local/hello", {"chroots": chroots})["chroot_repos"]
    )
    assert edit("fedora-45-x86_64", "epel-10-x86_64") == ["fedora-45-x86_64", "epel-10-x86_64"]
    assert (copr.data / "results/local/hello/epel-10-x86_64/repodata/repomd.xml").exists()
    error = api.error("PUT", "/project/edit/local/hello", 400, {"chroots": ["nope"]})
    assert error == "chroots: 'nope' is not a valid choice for this field."


def test_a_chroot_that_is_built_for_is_not_dropped(api: Any, script: Any) -> None:
    api.project()
    script.hold()
    edit = lambda **body: api.error("PUT", "/project/edit/local/hello", 409, body)  # noqa: E731
    sent = [api.upload(chroots=[CHROOTS[1]])["id"] for _ in range(2)]
    text = "Can't drop chroot from project, related builds 1 and 2 are still in progress"
    assert edit(chroots=CHROOTS[:1]) == text
    api.call("PUT", f"/build/cancel/{sent[0]}")
    assert edit(chroots=CHROOTS[:1]).endswith("related build 2 is still in progress")
    for _ in range(5):
        api.upload(chroots=[CHROOTS[1]])
    assert edit(chroots=CHROOTS[:1]).endswith("builds 2, 3, 4, 5, 6, and others are still in progress")
    made = api.call("PUT", "/project/edit/local/hello", {"chroots": CHROOTS[1:]})
    assert list(made["chroot_repos"]) == CHROOTS[1:]


def test_only_owners_and_administrators_may_change_a_project(api: Any, log_in: Callable[..., Any]) -> None:
    api.project()
    bob = log_in("bob")
    assert bob.error("PUT", "/project/edit/local/hello", 403, {"description": "x"}) == (
        "Only owners and admins may update their projects."
    )
    assert bob.error("DELETE", "/project/delete/local/hello", 403) == "Only owners may delete their projects."
    admin = log_in("root", admin=True)
    assert (
        admin.call("PUT", "/project/edit/local/hello", {"description": "by admin"})["description"]
        == "by admin"
    )
    admin.call("DELETE", "/project/delete/local/hello")


def test_a_deleted_project_is_gone_with_its_results_and_its_name_is_free(api: Any, copr: LocalCopr) -> None:
    first = api.project()
    litter = copr.data / "results/local/hello/fedora-45-x86_64/leftover.rpm"
    litter.write_text("x")
    assert api.call("DELETE", "/project/delete/local/hello", {"verify": True}) == first
    api.get("/project", ownername="local", projectname="hello", expect=404)
    assert not (copr.data / "results/local/hello").exists()
    second = api.project()
    assert second["id"] == first["id"] + 1
    assert not litter.exists()


def test_white_space_around_a_text_says_nothing(api: Any) -> None:
    made = api.project(" hello ", homepage=" https://example.com/ ", description=" x ")
    assert (made["name"], made["homepage"], made["description"]) == ("hello", "https://example.com/", " x ")
    error = api.error("POST", "/project/add/local", 400, {"name": "  ", "chroots": CHROOTS})
    assert error == "name: This field is required."


def test_a_project_whose_chroots_are_gone_takes_no_builds(api: Any, copr: LocalCopr) -> None:
    api.project()
    with copr.database.writing() as tx:
        chroots.offer(tx, {"epel-10-x86_64": ""})
    error = api.upload(expect=400)["error"]
    assert error == "Can't create build - project local/hello has no active chroots"


def test_packages_of_a_project_under_review_are_marked(api: Any) -> None:
    api.project(fedora_review=True)
    build_id = api.upload()["id"]
    source = api.get(f"/build/source-build-config/{build_id}")["source_dict"]
    assert source.keys() == {"url", "pkg", "tmp", "fedora_review"}


def test_a_persistent_project_is_protected(log_in: Callable[..., Any]) -> None:
    admin = log_in("root", admin=True)
    admin.call("POST", "/project/add/root", {"name": "x", "chroots": CHROOTS, "persistent": True})
    error = admin.error("DELETE", "/project/delete/root/x", 403)
    assert error == "This project is protected against deletion."
