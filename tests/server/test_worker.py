"""The worker: when and in which order builds start, and how they end early."""

from __future__ import annotations

import ast
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from worker_steps import ARM, X86, chroot_state, submit, wait_for_start

from copr_local import LocalCopr
from copr_local.worker.maintenance import POLL_INTERVAL


@pytest.fixture
def project(api: Any) -> Any:
    return api.project()


@pytest.mark.usefixtures("project")
def test_a_build_begins_at_once_and_not_at_the_next_look(api: Any, script: Any) -> None:
    script.fail = {"source"}
    delays = []
    for _ in range(5):
        build_id = submit(api)
        began = time.monotonic()
        wait_for_start(api, script, build_id, "source")
        delays.append(time.monotonic() - began)
        api.wait(build_id)
    assert min(delays) < POLL_INTERVAL / 20


@pytest.mark.usefixtures("project")
def test_the_oldest_build_comes_first_and_background_builds_last(api: Any, script: Any) -> None:
    script.hold(ARM)
    busy = [submit(api, chroots=[ARM]) for _ in range(2)]
    for build_id in busy:
        wait_for_start(api, script, build_id, ARM)
    background = submit(api, background=True, chroots=[X86])
    older = submit(api, chroots=[X86])
    newer = submit(api, chroots=[X86])
    # Only one builder becomes free: with two, builds would start at the same time.
    api.call("PUT", f"/build/cancel/{busy[0]}")
    for build_id in (background, older, newer):
        assert api.wait(build_id)["state"] == "succeeded"
    script.release()
    sources = [build_id for build_id, step in script.started if step == "source" and build_id not in busy]
    assert sources == [older, newer, background]


@pytest.mark.usefixtures("project")
def test_no_more_steps_run_at_once_than_there_are_builders(api: Any, script: Any) -> None:
    script.hold()
    for _ in range(5):
        submit(api)
    api.until(lambda: len(script.started) == 2)
    time.sleep(0.1)
    assert len(script.started) == 2


@pytest.mark.usefixtures("project")
def test_a_batch_waits_for_the_batch_before_it(api: Any, script: Any) -> None:
    script.hold()
    first = submit(api)
    second = submit(api, after_build_id=first)
    beside = submit(api, with_build_id=second)
    wait_for_start(api, script, first, "source")
    time.sleep(0.05)
    assert [build_id for build_id, _ in script.started] == [first]
    script.release()
    for build_id in (first, second, beside):
        assert api.wait(build_id)["state"] == "succeeded"
    order = [build_id for build_id, _ in script.started]
    assert order[:3] == [first] * 3
    assert set(order[3:]) == {second, beside}


@pytest.mark.usefixtures("project")
def test_a_batch_is_only_joined_where_one_may_build_and_it_is_not_over(
    api: Any, log_in: Any, script: Any
) -> None:
    script.hold()
    mine = submit(api)
    body = {"ownername": "local", "projectname": "hello", "pkgs": ["https://example.com/x-1-1.src.rpm"]}

    def refused(who: Any, **options: int) -> Any:
        error = who.error("POST", "/build/create/url", 400, {**body, **options})
        return ast.literal_eval(error.removeprefix("Bad request parameters: "))

    assert refused(api, after_build_id=99) == {"after_build_id": ["Build 99 not found"]}
    one = ["Only one batch option can be specified"]
    both = refused(api, after_build_id=mine, with_build_id=mine)
    assert both == {"after_build_id": one, "with_build_id": one}
    bob = log_in("bob")
    bob.project(owner="bob")
    body["ownername"] = "bob"
    none_yet = f"Build {mine} is not yet in any batch, and"
    for option in ("with_build_id", "after_build_id"):
        assert refused(bob, **{option: mine})[option] == [
            f"{none_yet} user 'bob' doesn't have the build permissions in project 'local/hello' to create a"
            " new one"
        ]
    body["ownername"] = "local"
    (member,) = api.call("POST", "/build/create/url", {**body, "with_build_id": mine})["items"]
    body["ownername"] = "bob"
    assert refused(bob, with_build_id=mine)["with_build_id"] == [
        "The batch 1 belongs to project local/hello.  You are not allowed to build there, so you neither can"
        " edit the batch."
    ]
    assert bob.call("POST", "/build/create/url", {**body, "after_build_id": mine})["items"]
    body["ownername"] = "local"
    alone = submit(api)
    for build_id in (mine, member["id"], alone):
        api.call("PUT", f"/build/cancel/{build_id}")
    assert refused(api, with_build_id=mine) == {"with_build_id": ["Batch 1 is already finished"]}
    (error,) = refused(api, after_build_id=alone)["after_build_id"]
    assert error == (
        f"Build {alone} is not yet in any batch, and new batch can not be created because the build has"
        " already finished"
    )


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("step", ["source", X86])
def test_a_running_step_is_ended_when_its_build_is_cancelled(step: str, api: Any, script: Any) -> None:
    script.hold(step)
    build_id = submit(api, chroots=[X86])
    wait_for_start(api, script, build_id, step)
    api.wait(build_id, "running")
    assert api.call("PUT", f"/build/cancel/{build_id}")["state"] == "canceled"
    for other in [submit(api, chroots=[X86]) for _ in range(2)]:
        wait_for_start(api, script, other, step)  # they start only if both builders are free again
    script.release()
    assert api.wait(submit(api))["state"] == "succeeded"
    assert api.get(f"/build/{build_id}")["state"] == "canceled"
    assert chroot_state(api, build_id, X86) == "canceled"


@pytest.mark.usefixtures("project")
def test_a_chroot_that_is_done_when_its_build_is_cancelled_stays_done(api: Any, script: Any) -> None:
    script.hold(X86)
    build_id = submit(api, chroots=[X86, ARM])
    api.until(lambda: chroot_state(api, build_id, ARM) == "succeeded")
    api.call("PUT", f"/build/cancel/{build_id}")
    assert chroot_state(api, build_id, ARM) == "succeeded"
    assert api.get(f"/build/{build_id}")["state"] == "canceled"


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("step", ["source", X86])
def test_a_step_that_succeeds_while_it_is_cancelled_stays_cancelled(
    step: str, api: Any, script: Any, copr: LocalCopr
) -> None:
    script.ignore_cancel = True
    script.hold(step)
    build_id = submit(api, chroots=[X86])
    wait_for_start(api, script, build_id, step)
    api.wait(build_id, "running")
    api.call("PUT", f"/build/cancel/{build_id}")
    repository = copr.data / "results/local/hello" / X86
    if step == X86:
        (repository / f"{build_id:08d}-hello" / "late.rpm").write_text("this is withdrawn")
    script.release()
    api.wait(submit(api))
    assert api.get(f"/build/{build_id}")["state"] == "canceled"
    assert not list(repository.glob(f"{build_id:08d}*/*.rpm"))


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("step", ["source", X86])
def test_a_build_that_is_deleted_while_a_builder_is_at_it_leaves_nothing(
    step: str, api: Any, script: Any, copr: LocalCopr
) -> None:
    script.ignore_cancel = True
    script.hold(step)
    build_id = submit(api, chroots=[X86])
    wait_for_start(api, script, build_id, step)
    api.call("PUT", f"/build/cancel/{build_id}")
    api.call("DELETE", f"/build/delete/{build_id}")
    script.release()
    assert api.wait(submit(api))["state"] == "succeeded"
    api.until(lambda: not list((copr.data / "results/local/hello").glob(f"*/{build_id:08d}*")))


def test_stopping_puts_running_builds_back_and_the_next_start_ends_them(
    tmp_path: Path, script: Any, api_of: Any
) -> None:
    data = tmp_path / "kept"
    script.hold(X86)
    with LocalCopr(data, chroots=[X86, ARM], builder=script.builder(), builders=2) as first:
        api = api_of(first)
        api.project()
        build_id = submit(api, chroots=[X86, ARM])
        queued = submit(api)
        api.until(lambda: chroot_state(api, build_id, ARM) == "succeeded")
        wait_for_start(api, script, build_id, X86)
        began = time.monotonic()
    assert time.monotonic() - began < 2
    script.release()
    with LocalCopr(data, builder=script.builder(), builders=2) as second:
        api = api_of(second)
        for number in (build_id, queued):
            assert api.wait(number)["state"] == "succeeded"
    assert script.started.count((build_id, "source")) == 1
    assert script.started.count((build_id, ARM)) == 1
    assert script.started.count((build_id, X86)) == 2


def test_a_step_that_was_stopped_has_not_started(tmp_path: Path, script: Any, api_of: Any) -> None:
    data = tmp_path / "kept"
    script.hold(X86)
    with LocalCopr(data, chroots=[X86, ARM], builder=script.builder(), builders=2) as first:
        api = api_of(first)
        api.project()
        build_id = submit(api, chroots=[X86])
        wait_for_start(api, script, build_id, X86)
        script.hold(X86, "source")
        in_source_step = submit(api)
        wait_for_start(api, script, in_source_step, "source")
    with LocalCopr(data, builder=script.builder(), builders=0) as second:
        api = api_of(second)
        chroot = api.get(f"/build-chroot/{build_id}/{X86}")
        assert (chroot["state"], chroot["started_on"]) == ("pending", None)
        assert api.get(f"/build/{in_source_step}")["state"] == "pending"
        api.get(f"/build/source-chroot/{in_source_step}", expect=500)


def test_a_builder_that_does_not_stop_cannot_keep_the_service(
    tmp_path: Path, script: Any, api_of: Any, caplog: pytest.LogCaptureFixture
) -> None:
    script.ignore_cancel = True
    script.hold()
    with LocalCopr(tmp_path / "kept", chroots=[X86, ARM], builder=script.builder()) as running:
        api = api_of(running)
        api.project()
        build_id = submit(api)
        wait_for_start(api, script, build_id, "source")
        stuck = next(thread for thread in threading.enumerate() if f"-{build_id}-" in thread.name)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    assert "does not stop" in caplog.text
    script.release()
    stuck.join(10)
    with LocalCopr(tmp_path / "kept", builder=script.builder()) as again:
        assert api_of(again).wait(build_id)["state"] == "succeeded"
