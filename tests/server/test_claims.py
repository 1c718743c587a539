"""Claims and leases: two workers of one database, of which one is frozen and overtaken."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from worker_steps import X86, submit, wait_for_start

from copr_local import LocalCopr
from copr_local.builders.repository.update import update_repository
from copr_local.data.data_folder import DataFolder
from copr_local.data.database import Database, Transaction
from copr_local.data.models import Build, Project, User
from copr_local.rules import interruptions, leases, project_dirs, queue, sources, submission
from copr_local.rules.errors import Overtaken
from copr_local.rules.queue import Step
from copr_local.worker.dispatcher import Worker

LINK = sources.link("https://example.com/hello.spec")


@pytest.fixture
def service(tmp_path: Path, script: Any) -> Iterator[LocalCopr]:
    """Return a service without builders."""
    with LocalCopr(tmp_path / "data", chroots=[X86], builder=script.builder(), builders=0) as copr:
        yield copr


@pytest.fixture
def worker_of(service: LocalCopr) -> Iterator[Callable[..., Database]]:
    """Start a worker with a connection of its own, as another process would, and return its database."""
    with ExitStack() as stack:

        def start(script: Any, clock: Callable[[], float] = time.time) -> Database:
            database = Database(DataFolder(service.data, update_repository), clock)
            stack.callback(database.close)
            worker = Worker(database, script.builder(), 1)
            worker.start()
            stack.callback(worker.stop)
            return database

        yield start


def later() -> float:
    """Return a time at which all leases of now have ended."""
    return time.time() + 2 * leases.LEASE


def rows(database: Database) -> list[Any]:
    """Return all columns of the first build and its chroots."""
    with database.reading() as tx:
        build = tx.session.get_one(Build, 1)
        return [
            {column.name: getattr(row, column.name) for column in row.__table__.columns}
            for row in (build, *build.chroots)
        ]


@pytest.mark.parametrize(("step", "end"), [("source", "succeeded"), (X86, "failed")])
def test_a_late_report_of_an_overtaken_worker_changes_nothing(
    step: str, end: str, service: LocalCopr, script: Any, worker_of: Any, api_of: Any
) -> None:
    api = api_of(service)
    api.project(chroots=[X86])
    script.hold(step)
    script.ignore_cancel = True
    build_id = submit(api)
    frozen = worker_of(script)
    wait_for_start(api, script, build_id, step)
    name = f"copr-local-{build_id}-{None if step == 'source' else step}"
    late = next(each for each in threading.enumerate() if each.name == name)
    with frozen.exclusively():
        other = type(script)()
        worker_of(other, later)
        assert api.wait(build_id)["state"] == "succeeded"
        package = service.data / "results/local/hello" / X86 / f"{build_id:08d}-hello" / "hello.rpm"
        package.write_text("a package of the other worker")
        before = rows(service.database)
        assert (build_id, step) in other.started
        script.fail = {step} if end == "failed" else set()
        script.release()
    late.join(60)
    assert not late.is_alive()
    assert rows(service.database) == before
    assert package.exists()


def test_a_worker_renews_its_leases_and_keeps_its_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: Any, api_of: Any
) -> None:
    monkeypatch.setattr(leases, "LEASE", 0.1)
    script.hold("source")
    with LocalCopr(tmp_path / "data", chroots=[X86], builder=script.builder(), builders=1) as copr:
        api = api_of(copr)
        api.project(chroots=[X86])
        build_id = submit(api)
        wait_for_start(api, script, build_id, "source")
        (first,) = rows(copr.database)
        api.until(lambda: rows(copr.database)[0]["lease_until"] > first["lease_until"])
        script.release()
        assert api.wait(build_id)["state"] == "succeeded"
        assert rows(copr.database)[0]["claim"] == 1
    assert script.started == [(build_id, "source"), (build_id, X86)]


@pytest.fixture
def build(tx: Transaction, alice: User, hello: Project) -> Build:
    return submission.submit(
        tx, alice, project_dirs.get_dir(tx, hello, "hello"), LINK, submission.Options(chroots=[X86])
    )


@pytest.mark.parametrize("chroot", [None, X86])
def test_every_transition_of_a_lost_claim_is_refused(
    tx: Transaction, build: Build, chroot: str | None
) -> None:
    if chroot is not None:
        source = queue.claim(tx, Step(build.id))
        queue.begin(tx, source)
        queue.source_built(tx, source, package="hello", version="1.0-1", srpm="hello.src.rpm")
        queue.imported(tx, source)
    first = queue.claim(tx, Step(build.id, chroot), 30)
    interruptions.requeue(tx, first)
    second = queue.claim(tx, Step(build.id, chroot), 30)
    assert second.claim is not None
    assert first.claim == second.claim - 2
    transitions: list[Callable[[Transaction, Step], object]] = [
        queue.begin,
        queue.fail,
        queue.abandon,
        queue.acknowledge_cancel,
        interruptions.requeue,
        interruptions.resume,
        queue.check_claim,
    ]
    if chroot is None:
        transitions += [
            queue.imported,
            lambda tx, step: queue.source_built(tx, step, package="a", version="1-1", srpm="a.src.rpm"),
        ]
    else:
        transitions += [queue.skip, lambda tx, step: queue.chroot_built(tx, step, [])]
    for transition in transitions:
        with pytest.raises(Overtaken):
            transition(tx, first)
    assert queue.cancelled(tx, [first, second]) == {first}
    leases.renew(tx, [first])
    tx.session.expire_all()
    assert leases.expired(tx) == set()
    queue.begin(tx, second)
    queue.fail(tx, second)
    assert build.state == "failed"


def test_only_ended_leases_of_steps_in_progress_are_expired(tx: Transaction, build: Build) -> None:
    step = queue.claim(tx, Step(build.id), -30)
    assert leases.expired(tx) == {step}
    leases.renew(tx, [step])
    assert leases.expired(tx) == set()
    interruptions.requeue(tx, step)
    forever = queue.claim(tx, Step(build.id))
    assert leases.expired(tx) == set()
    interruptions.requeue(tx, forever)
    interruptions.requeue(tx, queue.claim(tx, Step(build.id), -30))
    assert leases.expired(tx) == set()


def test_a_source_rpm_whose_worker_died_before_it_was_imported_is_imported(
    tx: Transaction, build: Build
) -> None:
    step = queue.claim(tx, Step(build.id), -30)
    queue.begin(tx, step)
    queue.source_built(tx, step, package="hello", version="1.0-1", srpm="hello.src.rpm")
    assert build.state == "importing"
    assert leases.expired(tx) == {step}
    interruptions.resume(tx, step)
    assert (build.state, build.chroots[0].state) == ("pending", "pending")
    assert leases.expired(tx) == set()
