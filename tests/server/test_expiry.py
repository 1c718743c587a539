"""What expires: temporary projects, and dropped chroots."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from copr_local import LocalCopr
from copr_local.rules import expiry

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


def test_a_folder_of_a_pull_request_is_kept_for_forty_days(api: Any, copr: LocalCopr) -> None:
    api.project()
    api.wait(api.upload(project_dirname="hello:pr:1")["id"])
    copr.clock.advance(days=40, seconds=-60)
    with copr.database.reading() as tx:
        assert not expiry.is_anything_due(tx)
    copr.clock.advance(seconds=61)
    api.until(lambda: not (copr.data / "results/local/hello:pr:1").exists())
    assert (copr.data / "results/local/hello" / X86 / "repodata").exists()


def test_a_folder_of_a_pull_request_waits_for_its_builds(api: Any, copr: LocalCopr, script: Any) -> None:
    api.project()
    api.wait(api.upload(project_dirname="hello:pr:1")["id"])
    script.hold(X86)
    api.wait(api.upload(project_dirname="hello:pr:2")["id"], "running")
    copr.clock.advance(days=41)
    api.until(lambda: not (copr.data / "results/local/hello:pr:1").exists())
    assert (copr.data / "results/local/hello:pr:2").exists()
    script.release()
    api.until(lambda: not (copr.data / "results/local/hello:pr:2").exists())


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


def test_a_dropped_chroot_waits_for_builds_with_results_in_it(api: Any, copr: LocalCopr, script: Any) -> None:
    folders = {name: copr.data / "results/local" / name / X86 for name in ("hello", "other")}
    script.hold(ARM)
    for name in folders:
        api.project(name)
    build_id = api.upload(chroots=[X86, ARM])["id"]
    api.until(lambda: api.get(f"/build-chroot/{build_id}/{X86}")["state"] == "succeeded")
    api.wait(api.upload(projectname="other", chroots=[ARM])["id"], "running")
    for name in folders:
        api.call("PUT", f"/project/edit/local/{name}", {"chroots": [ARM]})
    copr.clock.advance(days=8)
    api.until(lambda: not folders["other"].exists())
    assert folders["hello"].exists()
    script.release()
    api.until(lambda: not folders["hello"].exists())
