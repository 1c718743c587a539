"""What expires: temporary projects, and dropped chroots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from copr_local import LocalCopr

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"


def exists(api: Any, name: str = "hello", owner: str = "local") -> bool:
    return any(item["name"] == name for item in api.get("/project/list", ownername=owner)["items"])


def test_a_temporary_project_is_deleted_with_its_results(api: Any, copr: LocalCopr) -> None:
    api.project(delete_after_days=10)
    api.project("lasting")
    api.wait(api.upload()["id"])
    copr.clock.advance(days=10)
    assert exists(api)
    copr.clock.advance(days=1)
    api.until(lambda: not exists(api))
    api.until(lambda: not (copr.data / "results/local/hello").exists())
    assert exists(api, "lasting")


def test_a_folder_of_a_pull_request_goes_when_nothing_is_built_into_it(api: Any, copr: LocalCopr) -> None:
    api.project()
    names = ("hello:pr:1", "hello:pr:2", "hello:custom:pr")
    first = [api.wait(api.upload(project_dirname=name)["id"]) for name in names]
    copr.clock.advance(days=39)
    api.wait(api.upload(project_dirname="hello:pr:2")["id"])
    copr.clock.advance(days=2)
    api.until(lambda: not (copr.data / "results/local/hello:pr:1").exists())
    assert api.get(f"/build/{first[0]['id']}", expect=404)
    assert list(api.get("/rpmrepo/local/hello/x")["directories"]) == [
        "hello",
        "hello:pr:2",
        "hello:custom:pr",
    ]
    assert api.wait(api.upload(project_dirname="hello:pr:1")["id"])["project_dirname"] == "hello:pr:1"


def test_a_project_whose_term_was_taken_back_stays(api: Any, copr: LocalCopr) -> None:
    api.project("canary", delete_after_days=10)
    api.project(delete_after_days=10)
    api.call("PUT", "/project/edit/local/hello", {"delete_after_days": -1})
    copr.clock.advance(days=11)
    api.until(lambda: not exists(api, "canary"))
    assert exists(api)


def test_a_temporary_project_waits_for_its_builds(api: Any, copr: LocalCopr, script: Any) -> None:
    script.hold(X86)
    api.project("canary", delete_after_days=10)
    api.project(delete_after_days=10)
    build = api.upload()
    api.wait(build["id"], "running")
    copr.clock.advance(days=11)
    api.until(lambda: not exists(api, "canary"))
    assert exists(api)
    script.release()
    api.until(lambda: not exists(api))


def test_a_protected_project_never_goes(log_in: Callable[..., Any], copr: LocalCopr) -> None:
    admin = log_in("root", admin=True)
    for name, persistent in (("safe", True), ("canary", False)):
        body = {"name": name, "chroots": [X86], "persistent": persistent}
        admin.call("POST", "/project/add/root", body)
        admin.call("PUT", f"/project/edit/root/{name}", {"delete_after_days": 1})
    copr.clock.advance(days=2)
    admin.until(lambda: not exists(admin, "canary", "root"))
    assert exists(admin, "safe", "root")


def test_a_dropped_chroot_goes_after_a_week_with_its_results(api: Any, copr: LocalCopr) -> None:
    api.project()
    build = api.wait(api.upload()["id"])
    folder = copr.data / "results/local/hello"
    api.call("PUT", "/project/edit/local/hello", {"chroots": [ARM]})
    copr.clock.advance(days=6)
    assert (folder / X86 / f"{build['id']:08d}-hello").exists()
    copr.clock.advance(days=1, seconds=1)
    api.until(lambda: not (folder / X86).exists())
    assert (folder / ARM / f"{build['id']:08d}-hello").exists()
    query = {"ownername": "local", "projectname": "hello", "chrootname": X86}
    assert api.error("GET", "/project-chroot", 404, **query) == f"Chroot name {X86} does not exist."
