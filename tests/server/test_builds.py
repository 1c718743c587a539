"""Builds over API v3: reading, listing, cancelling, deleting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from copr_local import LocalCopr

BUG = "Request wasn't successful, there is probably a bug in the Copr code."
X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"


@pytest.fixture(autouse=True)
def project(api: Any) -> Any:
    return api.project()


def test_a_build_passes_through_its_states(submit: Any, script: Any, api: Any, copr: LocalCopr) -> None:
    results = f"{copr.url}/results/local/hello"
    script.hold()
    build_id = submit()["id"]
    running = api.wait(build_id, "running")
    assert (running["chroots"], running["started_on"], running["source_package"]["name"]) == ([], None, None)
    source = {"state": "running", "result_url": f"{results}/srpm-builds/00000001"}
    assert api.get(f"/build/source-chroot/{build_id}") == source
    assert api.get("/build-chroot/list", build_id=build_id)["items"] == []
    assert api.get(f"/build/built-packages/{build_id}") == {}

    script.release()
    over = api.wait(build_id)
    assert (over["state"], set(over["chroots"])) == ("succeeded", {X86, ARM})
    assert over["submitted_on"] <= over["started_on"] <= over["ended_on"]
    assert over["source_package"] == {
        "name": "hello",
        "version": "1.0-1",
        "url": f"{results}/srpm-builds/00000001/hello-1.0-1.src.rpm",
    }
    chroot = api.get("/build-chroot", build_id=build_id, chrootname=X86)
    assert chroot == {
        "started_on": chroot["started_on"],
        "ended_on": chroot["ended_on"],
        "state": "succeeded",
        "name": X86,
        "result_url": f"{results}/{X86}/00000001-hello/",
    }
    package = {"name": "hello", "epoch": 0, "version": "1.0", "release": "1", "arch": "x86_64"}
    assert api.get("/build-chroot/built-packages", build_id=build_id, chrootname=X86) == {
        "packages": [package]
    }
    assert api.get(f"/build/built-packages/{build_id}") == {
        ARM: {"packages": [{**package, "arch": "aarch64"}]},
        X86: {"packages": [package]},
    }
    assert api.get(f"/build/source-chroot/{build_id}")["state"] == "succeeded"


def test_one_failed_chroot_fails_the_build(submit: Any, script: Any, api: Any) -> None:
    script.fail = {ARM}
    build_id = submit()["id"]
    over = api.wait(build_id)
    states = {
        chroot["name"]: chroot["state"] for chroot in api.get(f"/build-chroot/list/{build_id}")["items"]
    }
    assert (over["state"], states) == ("failed", {ARM: "failed", X86: "succeeded"})
    assert over["ended_on"] is not None


def test_without_a_source_rpm_every_chroot_has_failed(submit: Any, script: Any, api: Any) -> None:
    script.fail = {"source"}
    plain, asked = submit()["id"], submit(chroots=[X86, ARM])["id"]
    assert (api.wait(plain)["state"], api.wait(plain)["chroots"]) == ("failed", [])
    over = api.wait(asked)
    assert (over["state"], over["started_on"], over["ended_on"]) == ("failed", None, None)
    assert {chroot["state"] for chroot in api.get(f"/build-chroot/list/{asked}")["items"]} == {"failed"}
    assert api.get(f"/build/source-chroot/{plain}")["state"] == "failed"


def test_exclusive_arch_skips_other_architectures(submit: Any, script: Any, api: Any) -> None:
    script.exclusive_arch = ("x86_64", "noarch")
    build_id = submit()["id"]
    assert api.wait(build_id)["state"] == "succeeded"
    chroots = api.get(f"/build-chroot/list/{build_id}")["items"]
    assert [(chroot["name"], chroot["state"]) for chroot in chroots] == [(ARM, "skipped"), (X86, "succeeded")]
    assert chroots[0]["result_url"] is None
    script.exclusive_arch = ("s390x",)
    assert api.wait(submit()["id"])["state"] == "skipped"


def test_a_chroot_that_this_machine_cannot_build_is_skipped(submit: Any, script: Any, api: Any) -> None:
    script.skip = {ARM}
    assert api.wait(submit()["id"])["state"] == "succeeded"
    assert api.get("/build-chroot/1/" + ARM)["state"] == "skipped"


def test_what_is_not_there_is_404(anonymous: Any) -> None:
    for path in (
        "/build/{}",
        "/build/source-chroot/{}",
        "/build/source-build-config/{}",
        "/build/built-packages/{}",
    ):
        for number in (99_999, 10**20):
            assert anonymous.error("GET", path.format(number), 404) == f"Build {number} does not exist."
    for number in ("99999", "abc", "-1", "1.5"):
        query = {"build_id": number, "chrootname": X86}
        for path in ("/build-chroot", "/build-chroot/build-config", "/build-chroot/built-packages"):
            assert anonymous.error("GET", path, 404, **query) == f"Build {number} does not exist."


def test_chroots_that_a_build_does_not_have(submit: Any, api: Any) -> None:
    api.wait(submit(chroots=[X86])["id"])
    assert api.error("GET", "/build-chroot", 500, build_id=1, chrootname="nope") == (
        "Chroot identification is not valid"
    )
    for name, error in (
        (ARM, f"Build 1 was not submitted to {ARM} chroot."),
        ("fedora-99-x86_64", "Chroot fedora-99-x86_64 does not exist"),
    ):
        assert api.error("GET", "/build-chroot", 404, build_id=1, chrootname=name) == error
    assert api.error("GET", "/build-chroot", 400, build_id=1) == "Missing argument chrootname"
    assert api.error("GET", "/build-chroot/list", 400) == "Missing argument build_id"


def test_the_source_step_of_a_build_that_did_not_begin_is_500_as_in_the_original(
    submit: Any, script: Any, api: Any
) -> None:
    script.hold()
    for _ in range(2):  # both builders are busy now
        api.wait(submit()["id"], "running")
    waiting = submit()["id"]
    assert api.error("GET", f"/build/source-chroot/{waiting}", 500) == BUG


def test_lists_are_newest_first_whatever_is_asked(submit: Any, api: Any) -> None:
    for package in ("a", "b", "c"):
        api.wait(submit(package)["id"])
    query = {"ownername": "local", "projectname": "hello"}
    ids = lambda **more: [item["id"] for item in api.get("/build/list", **query, **more)["items"]]  # noqa: E731
    assert ids() == [3, 2, 1]
    assert ids(order="id", order_type="ASC") == [3, 2, 1]
    assert ids(limit=1, offset=1) == [2]
    assert ids(packagename="b") == [2]
    assert ids(packagename="nope") == ids(status="failed") == ids(status="sleeping") == []
    assert ids(status="succeeded", limit=2) == [3, 2]
    assert api.get("/build/list", **query, limit=2, offset=1)["meta"] == {
        "limit": 2,
        "offset": 1,
        "order": "id",
        "order_type": "ASC",
    }
    assert api.error("GET", "/build/list", 500, **query, order="nonsense") == (
        "Cannot order by nonsense, build doesn't have such property"
    )
    assert api.error("GET", "/build/list", 400, ownername="local") == "Missing argument projectname"
    assert api.error("GET", "/build/list", 404, ownername="local", projectname="nope") == (
        "Project local/nope does not exist."
    )


def test_a_pending_build_can_be_cancelled(submit: Any, script: Any, api: Any) -> None:
    script.hold()
    for _ in range(2):
        api.wait(submit()["id"], "running")
    waiting = submit(chroots=[X86])["id"]
    cancelled = api.call("PUT", f"/build/cancel/{waiting}")
    assert (cancelled["state"], cancelled["started_on"], cancelled["ended_on"]) == ("canceled", None, None)
    assert api.get(f"/build-chroot/{waiting}/{X86}")["state"] == "canceled"
    script.release()
    for build_id in (1, 2):
        assert api.wait(build_id)["state"] == "succeeded"
    assert (waiting, "source") not in script.started


def test_a_finished_build_cannot_be_cancelled(submit: Any, api: Any) -> None:
    build_id = submit()["id"]
    api.wait(build_id)
    assert api.error("PUT", f"/build/cancel/{build_id}", 409) == f"Cannot cancel build {build_id}"
    assert api.error("PUT", "/build/cancel/99", 404) == "Build 99 does not exist."


def test_who_may_cancel_and_delete(submit: Any, script: Any, api: Any, anonymous: Any, log_in: Any) -> None:
    script.hold()
    build_id = submit()["id"]
    bob = log_in("bob")
    anonymous.call("PUT", f"/build/cancel/{build_id}", expect=401)
    assert bob.error("PUT", f"/build/cancel/{build_id}", 403) == "You are not allowed to cancel this build."
    error = f"User 'bob' doesn't have permissions to delete build {build_id}"
    assert bob.error("DELETE", f"/build/delete/{build_id}", 403) == error
    assert (
        api.error("DELETE", f"/build/delete/{build_id}", 400)
        == f"User 'local' can not delete build {build_id}"
    )
    assert log_in("root", admin=True).call("PUT", f"/build/cancel/{build_id}")["state"] == "canceled"


def test_a_deleted_build_is_gone_with_its_results(submit: Any, api: Any, copr: LocalCopr) -> None:
    build_id = submit()["id"]
    over = api.wait(build_id)
    results = copr.data / "results/local/hello"
    assert (results / X86 / "00000001-hello").is_dir()
    assert api.call("DELETE", f"/build/delete/{build_id}") == over
    assert api.error("DELETE", f"/build/delete/{build_id}", 404) == f"Build {build_id} does not exist."
    assert not list(results.glob("*/00000001*"))
    assert submit()["id"] == build_id + 1


def test_many_builds_are_deleted_together_or_not_at_all(
    submit: Any, script: Any, api: Any, log_in: Callable[..., Any]
) -> None:
    for _ in range(3):
        api.wait(submit()["id"])
    script.hold()
    running = submit()["id"]
    delete = "/build/delete/list"
    assert api.error("DELETE", delete, 400, {"builds": [1, 99_999]}) == "Build(s) 99999 don't exist.\n"
    assert api.error("DELETE", delete, 400, {"builds": [-(10**30)]}) == f"Build(s) {-(10**30)} don't exist.\n"
    assert api.error("DELETE", delete, 400, {"builds": [1, running]}) == (
        f"Build(s) {running} are still running.\n"
    )
    assert log_in("bob").error("DELETE", delete, 400, {"builds": [1, running, 99_999]}) == (
        f"You don't have permissions to delete build(s) 1, {running}.\nBuild(s) 99999 don't exist.\n"
    )
    api.get("/build/1")
    assert api.call("DELETE", delete, {"builds": [1, 2]}) == {"builds": [1, 2]}
    assert api.call("DELETE", delete, {"builds": []}) == {"builds": []}
    api.get("/build/1", expect=404)
    assert (
        api.raw("POST", delete, json={"builds": [3]})
        .headers["Warning"]
        .endswith("DELETE method instead of POST")
    )
    for wrong in ({"builds": ["abc"]}, {"builds": ["3"]}, {"builds": "3"}, {"builds": 3}, {}, [3]):
        assert api.error("DELETE", delete, 500, wrong) == BUG
    assert api.raw("DELETE", delete).status_code == 415


def test_a_project_with_running_builds_is_not_deleted(submit: Any, script: Any, api: Any) -> None:
    script.hold()
    submit()
    submit()
    error = api.error("DELETE", "/project/delete/local/hello", 400)
    assert error == "Build(s) 1, 2 are still running.\n"
    script.release()
    api.wait(1)
    api.wait(2)
    api.call("DELETE", "/project/delete/local/hello")
    api.get("/build/1", expect=404)
