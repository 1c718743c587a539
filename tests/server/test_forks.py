"""Forks: what is copied, what is not, and that both projects are independent afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from copr_local import LocalCopr
from copr_local.rules import forks, projects, users

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"


def fork(api: Any, name: str = "copy", owner: str = "local", *, expect: int = 200, **fields: Any) -> Any:
    body = {"name": name, "ownername": owner, **fields}
    return api.call("POST", "/project/fork/local/hello", body, expect=expect)


def builds_of(api: Any, project: str, owner: str = "local") -> Any:
    return api.get("/build/list", ownername=owner, projectname=project)["items"]


def published(copr: LocalCopr, project: str) -> set[str]:
    folder = copr.data / "results/local" / project
    return {str(Path(*path.relative_to(folder).parts[2:])) for path in folder.rglob("results.json")}


def test_a_fork_has_the_settings_and_not_the_identity(api: Any) -> None:
    made = api.project(description="greets", contact="alice@example.com", enable_net=True, repo_priority=5)
    edit = f"/project-chroot/edit/local/hello/{X86}"
    api.call("PUT", edit, {"with_opts": "tests", "additional_packages": "gcc"})
    forked = fork(api)
    own = {"id", "name", "full_name", "chroot_repos", "contact"}
    assert {name: forked[name] for name in forked if name not in own} == {
        name: made[name] for name in made if name not in own
    }
    assert forked["contact"] is None
    assert list(forked["chroot_repos"]) == list(made["chroot_repos"])
    chroot = api.get("/project-chroot", ownername="local", projectname="copy", chrootname=X86)
    assert (chroot["with_opts"], chroot["additional_packages"]) == (["tests"], ["gcc"])


def test_a_fork_has_the_newest_good_build_of_each_package_and_chroot(
    api: Any, copr: LocalCopr, script: Any
) -> None:
    api.project()
    api.wait(api.upload("hello-1.0-1.src.rpm")["id"])
    second = api.wait(api.upload("hello-2.0-1.src.rpm")["id"])
    script.fail = {ARM}
    third = api.wait(api.upload("hello-3.0-1.src.rpm")["id"])
    other = api.wait(api.upload("other-1.0-1.src.rpm", chroots=[X86])["id"])
    api.wait(api.upload("aside-1.0-1.src.rpm", chroots=[X86], project_dirname="hello:custom:x")["id"])
    forked = fork(api)
    found = [
        (
            build["source_package"]["name"],
            build["source_package"]["version"],
            build["chroots"],
            build["state"],
        )
        for build in reversed(builds_of(api, "copy"))
    ]
    assert found == [
        ("hello", "2.0-1", [ARM], "forked"),
        ("hello", "3.0-1", [X86], "forked"),
        ("other", "1.0-1", [X86], "forked"),
    ]
    assert {build["id"] for build in (second, third, other)}.isdisjoint(
        build["id"] for build in builds_of(api, "copy")
    )
    assert {build["projectname"] for build in builds_of(api, "copy")} == {forked["name"]}
    names = api.get("/package/list", ownername="local", projectname="copy")["items"]
    assert {package["name"] for package in names} == {"hello", "other", "aside"}


def test_results_are_copied_and_outlive_the_original(api: Any, copr: LocalCopr) -> None:
    api.project()
    build = api.wait(api.upload()["id"])
    fork(api)
    (copied,) = builds_of(api, "copy")
    for name in (X86, ARM):
        folder = copr.data / f"results/local/copy/{name}/{copied['id']:08d}-hello"
        assert (folder / "results.json").read_text() == "{}"
    packages = api.get(f"/build/built-packages/{copied['id']}")
    assert packages == api.get(f"/build/built-packages/{build['id']}")
    api.call("DELETE", "/project/delete/local/hello")
    api.until(lambda: not (copr.data / "results/local/hello").exists())
    assert (folder / "results.json").exists()
    source = copr.data / f"results/local/copy/srpm-builds/{copied['id']:08d}"
    assert list(source.glob("*.src.rpm"))


def test_forking_again_brings_what_is_new_and_only_that(api: Any) -> None:
    api.project()
    api.wait(api.upload("hello-1.0-1.src.rpm")["id"])
    first = fork(api)
    error = fork(api, expect=400)["error"]
    assert error.startswith("You are about to fork into existing project: copy\n")
    assert fork(api, confirm=True) == first
    assert len(builds_of(api, "copy")) == 1
    api.wait(api.upload("other-1.0-1.src.rpm")["id"])
    fork(api, confirm=True)
    assert [build["source_package"]["name"] for build in builds_of(api, "copy")] == ["other", "hello"]


def test_a_fork_is_its_owners(api: Any, log_in: Callable[..., Any], copr: LocalCopr) -> None:
    api.project()
    api.wait(api.upload()["id"])
    bob = log_in("bob")
    fork(bob, owner="bob")
    bob.call("DELETE", f"/build/delete/{builds_of(bob, 'copy', 'bob')[0]['id']}")
    bob.call("DELETE", "/project/delete/bob/copy")
    with copr.database.writing() as tx:
        users.add_group(tx, "devs", "fas_devs", [users.get(tx, "bob")])
        users.add_group(tx, "others", "fas_others", [])
    assert fork(bob, owner="@devs")["full_name"] == "@devs/copy"
    with copr.database.reading() as tx:
        made, source = projects.get(tx, "@devs", "copy"), projects.get(tx, "local", "hello")
        assert (made.group.name, forks.origin(tx, made), forks.of(tx, source)) == ("devs", source, [made])
    for owner in ("local", "@others", "nobody"):
        assert fork(bob, owner=owner, expect=400)["error"] == "owner: Not a valid choice."


def test_what_cannot_be_a_name_is_refused(api: Any) -> None:
    api.project()
    for name in ("", "a/b", "..", "123"):
        assert fork(api, name, expect=400)["error"].startswith("name: ")


def test_forking_a_project_into_itself_changes_nothing(api: Any) -> None:
    api.project()
    api.wait(api.upload()["id"])
    error = fork(api, "hello", confirm=True, expect=400)["error"]
    assert error == "Source project should not be same as destination"
    assert len(builds_of(api, "hello")) == 1


def test_a_fork_has_the_keys_of_the_packages_that_it_brought_along(api: Any, copr: LocalCopr) -> None:
    api.project()
    api.wait(api.upload()["id"])
    key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n-----END PGP PUBLIC KEY BLOCK-----\n"
    (copr.data / "results/local/hello/pubkey.gpg").write_text(key)
    fork(api)
    web = copr.app.test_client()
    options = web.get("/coprs/local/copy/repo/fedora-45").text.splitlines()
    assert {"gpgcheck=1", f"gpgkey={copr.url}/results/local/copy/pubkey.gpg"} <= set(options)
    with web.get("/results/local/copy/pubkey.gpg") as published:
        assert published.text == key
