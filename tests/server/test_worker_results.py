"""The worker: the published results of a build, and what is left after an internal error."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from other_process import change, rows
from worker_steps import ARM, X86, chroot_state, submit, wait_for_start

from copr_local import LocalCopr
from copr_local.data.database import Transaction
from copr_local.data.models import Package
from copr_local.rules import builds, queue


@pytest.fixture
def project(api: Any) -> Any:
    return api.project()


@pytest.mark.usefixtures("project")
def test_a_fault_of_a_builder_fails_the_build_and_is_in_its_log(
    api: Any, script: Any, copr: LocalCopr, caplog: pytest.LogCaptureFixture
) -> None:
    script.started = None  # the builder's next use of it raises an error
    build_id = submit(api)
    assert api.wait(build_id)["state"] == "failed"
    log = copr.data / f"results/local/hello/srpm-builds/{build_id:08d}/builder-live.log"
    assert "This is an error in the local Copr, not in the package: AttributeError" in log.read_text()
    assert "Traceback" in caplog.text


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    "source", ["7", pytest.param("{", marks=pytest.mark.sqlite("JSONB is always valid"))]
)
def test_a_step_that_cannot_be_claimed_fails_and_the_next_is_built(
    source: str, api: Any, script: Any, copr: LocalCopr, caplog: pytest.LogCaptureFixture
) -> None:
    script.hold("source")
    for _ in range(2):
        wait_for_start(api, script, submit(api), "source")
    broken, after = submit(api, chroots=[X86]), submit(api)
    change(copr.data, "UPDATE build SET source = :source WHERE id = :id", source=source, id=broken)
    script.release()
    assert api.wait(after)["state"] == "succeeded"
    found = "SELECT build.state, chroot.state FROM build JOIN build_chroot AS chroot ON build_id = id"
    assert rows(copr.data, f"{found} WHERE id = {broken}") == [("failed", "failed")]
    assert "is abandoned" in caplog.text
    assert "Traceback" in caplog.text
    if source == "7":  # otherwise the path of the log is unknown
        log = copr.data / f"results/local/hello/srpm-builds/{broken:08d}/builder-live.log"
        assert "This is an error in the local Copr, not in the package: TypeError" in log.read_text()


@pytest.mark.usefixtures("project")
def test_a_step_whose_end_cannot_be_reported_fails_and_the_next_is_built(
    api: Any, script: Any, copr: LocalCopr, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_newest = builds.keep_newest

    def fail(tx: Transaction, package: Package) -> None:
        if package.name == "broken":
            raise ZeroDivisionError
        keep_newest(tx, package)

    monkeypatch.setattr(builds, "keep_newest", fail)
    repository = copr.data / "results/local/hello" / X86
    script.hold(X86)
    broken, after = submit(api, "broken", chroots=[X86]), submit(api, chroots=[X86])
    wait_for_start(api, script, broken, X86)
    folder = repository / f"{broken:08d}-broken"
    (folder / "broken.rpm").write_text("what the builder made")
    script.release()
    assert api.wait(broken)["state"] == "failed"
    assert chroot_state(api, broken, X86) == "failed"
    assert api.wait(after)["state"] == "succeeded"
    assert "not in the package: ZeroDivisionError" in (folder / "builder-live.log").read_text()
    assert not list(repository.glob("0*/*.rpm"))


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("chroot", [None, X86])
def test_a_step_that_cannot_be_begun_fails(
    chroot: str | None, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = queue.begin

    def fail(tx: Transaction, step: queue.Step) -> None:
        if step.chroot == chroot:
            raise ZeroDivisionError
        begin(tx, step)

    monkeypatch.setattr(queue, "begin", fail)
    assert api.wait(submit(api, chroots=[X86]))["state"] == "failed"


def events(copr: LocalCopr, build_id: int, chroot: str) -> list[str]:
    """Return the messages of the backend log, after checking that their times are those of the clock."""
    folder = copr.data / "results/local/hello" / chroot / f"{build_id:08d}-hello"
    with gzip.open(folder / "backend.log.gz", "rt") as log:
        lines = log.read().splitlines()
    now = datetime.fromtimestamp(copr.clock(), UTC)
    assert all(line.startswith(f"[{now:%Y-%m-%d %H}:") for line in lines), lines
    return [line.partition("] ")[2] for line in lines]


@pytest.mark.usefixtures("project")
def test_the_log_of_the_backend_is_there_and_says_what_became_of_a_build(
    api: Any, script: Any, copr: LocalCopr
) -> None:
    copr.clock.set((datetime.now(UTC) + timedelta(days=30)).replace(hour=7, minute=0))
    begun = ["Claimed by a builder", "Started"]
    script.fail = {ARM}
    first = submit(api)
    assert api.wait(first)["state"] == "failed"
    assert events(copr, first, X86) == [*begun, "Succeeded: the packages are in the repository"]
    assert events(copr, first, ARM) == [*begun, "Failed: it did not work"]

    script.hold(X86)
    second = submit(api, chroots=[X86])
    wait_for_start(api, script, second, X86)
    assert events(copr, second, X86) == begun
    api.call("PUT", f"/build/cancel/{second}")
    api.until(lambda: events(copr, second, X86) == [*begun, "Cancelled"])
    script.fail, script.skip = set(), {ARM}
    third = submit(api, chroots=[ARM])
    api.wait(third)
    assert events(copr, third, ARM) == [*begun, "Skipped: it did not work"]

    monitor = {"ownername": "local", "projectname": "hello", "additional_fields[]": "url_backend_log"}
    (package,) = api.get("/monitor", **monitor)["packages"]
    web = copr.app.test_client()
    logs = {name: chroot["url_backend_log"] for name, chroot in package["chroots"].items()}
    assert logs.pop(ARM) is None, "as in the original, which skips a chroot before a builder sees it"
    for address in logs.values():
        with web.get(address.removeprefix(copr.url)) as answer:
            assert answer.status_code == 200, address


@pytest.mark.usefixtures("project")
def test_metadata_is_written_before_a_chroot_has_succeeded(api: Any, script: Any) -> None:
    seen = []
    script.before_update = lambda directory: seen.append(chroot_state(api, 1, directory.name))
    api.wait(submit(api))
    assert seen == ["running", "running"]


@pytest.mark.usefixtures("project")
def test_packages_whose_metadata_cannot_be_written_are_not_published(
    api: Any, script: Any, copr: LocalCopr
) -> None:
    results = copr.data / "results/local/hello" / X86
    script.hold(X86)
    build_id = submit(api, chroots=[X86])
    wait_for_start(api, script, build_id, X86)
    (results / f"{build_id:08d}-hello" / "hello.rpm").write_text("what the builder made")
    failures = iter([OSError("disk full")])

    def fail_once(_directory: Path) -> None:
        for error in failures:
            raise error

    script.before_update = fail_once
    script.release()
    assert api.wait(build_id)["state"] == "failed"
    assert "disk full" in (results / f"{build_id:08d}-hello" / "builder-live.log").read_text()
    assert not list(results.glob("0*/*.rpm"))
    api.until(lambda: results in script.updated)


@pytest.mark.usefixtures("project")
def test_a_build_that_fails_after_its_packages_were_published_leaves_none(
    api: Any, script: Any, copr: LocalCopr
) -> None:
    results = copr.data / "results/local/hello" / X86
    script.fail = {X86}
    script.hold(X86)
    build_id = submit(api, chroots=[X86])
    wait_for_start(api, script, build_id, X86)
    folder = results / f"{build_id:08d}-hello"
    (folder / "hello.rpm").write_text("what the builder made")
    (folder / "results.json").write_text('{"packages": []}')
    script.release()
    assert api.wait(build_id)["state"] == "failed"
    logs = {"builder-live.log", "backend.log", "backend.log.gz"}
    assert {file.name for file in folder.iterdir()} == logs
    api.until(lambda: results in script.updated)


@pytest.mark.usefixtures("project")
def test_a_repository_that_a_process_died_making_is_made_when_it_is_wanted(copr: LocalCopr) -> None:
    for repository in (copr.data / "empty-repository", copr.data / "results/local/hello" / X86):
        (repository / "repodata" / "repomd.xml").unlink()
    with copr.database.reading() as tx:
        tx.data_folder.create_repository(repository)
    assert (repository / "repodata" / "repomd.xml").exists()


@pytest.mark.usefixtures("project")
def test_deleting_a_build_rewrites_the_metadata_and_empties_the_trash(
    api: Any, script: Any, copr: LocalCopr
) -> None:
    build_id = submit(api)
    api.wait(build_id)
    script.updated.clear()
    api.call("DELETE", f"/build/delete/{build_id}")
    api.until(lambda: len(script.updated) == 2)
    assert {directory.name for directory in script.updated} == {X86, ARM}
    api.until(lambda: not list((copr.data / "trash").iterdir()))


@pytest.mark.usefixtures("project")
def test_metadata_that_cannot_be_written_is_tried_again(
    api: Any, script: Any, copr: LocalCopr, caplog: pytest.LogCaptureFixture
) -> None:
    build_id = submit(api)
    api.wait(build_id)

    def fail(_directory: Path) -> None:
        raise OSError("disk full")

    script.before_update = fail
    script.updated.clear()
    api.call("DELETE", f"/build/delete/{build_id}")
    api.until(lambda: "disk full" in caplog.text)
    script.before_update = lambda _directory: None
    api.call("PUT", "/project/edit/local/hello", {"description": "any commit makes the worker look"})
    api.until(lambda: len(script.updated) == 2)
