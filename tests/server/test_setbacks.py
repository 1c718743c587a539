"""Steps whose outcome cannot be recorded are tried again after a pause, and not for ever."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from worker_steps import X86, submit

from copr_local import LocalCopr
from copr_local.rules import queue
from copr_local.rules.errors import Conflict
from copr_local.rules.queue import Step
from copr_local.worker import setbacks

OTHER = "epel-10-x86_64"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setbacks, "FIRST_PAUSE", 0.001)
    monkeypatch.setattr("copr_local.worker.transitions.RETRY_INTERVAL", 0.01)


def log_of(copr: LocalCopr, build_id: int, chroot: str) -> str:
    (log,) = (copr.data / "results/local/hello" / chroot).glob(f"{build_id:08d}*/builder-live.log")
    return log.read_text()


def raises(error: Exception, step: str) -> Any:
    """Return a transition that raises an error for one step, and is `queue.chroot_built` for others."""
    original = queue.chroot_built

    def built(tx: Any, each: Step, packages: Any) -> None:
        if each.chroot == step:
            raise error
        original(tx, each, packages)

    return built


def test_a_step_whose_outcome_is_never_recorded_fails(
    api: Any, script: Any, copr: LocalCopr, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "chroot_built", raises(Conflict("a fault"), X86))
    api.project(chroots=[X86, OTHER])
    build_id = submit(api)
    assert api.wait(build_id)["state"] == "failed"
    assert script.started.count((build_id, X86)) == setbacks.MOST
    assert f"it was started {setbacks.MOST} times" in log_of(copr, build_id, X86)
    assert api.get(f"/build-chroot/{build_id}/{OTHER}")["state"] == "succeeded"
    monkeypatch.undo()
    assert api.wait(submit(api))["state"] == "succeeded"


def test_an_error_of_the_database_that_stays_fails_the_step_at_once(
    api: Any, script: Any, copr: LocalCopr, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = OperationalError("SELECT", {}, Exception("too many SQL variables"))
    monkeypatch.setattr(queue, "chroot_built", raises(error, X86))
    api.project(chroots=[X86])
    build_id = submit(api)
    assert api.wait(build_id)["state"] == "failed"
    assert script.started.count((build_id, X86)) == 1
    assert "too many SQL variables" in log_of(copr, build_id, X86)


def test_a_step_that_can_never_be_claimed_fails_and_the_next_is_built(
    api: Any, copr: LocalCopr, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, tries = queue.claim, []

    def claim(tx: Any, step: Step, *arguments: Any, **options: Any) -> Step:
        if step.build_id == 1:
            tries.append(step)
            raise Conflict("a fault in a rule")
        return original(tx, step, *arguments, **options)

    monkeypatch.setattr(queue, "claim", claim)
    api.project(chroots=[X86])
    first, second = submit(api), submit(api)
    assert api.wait(second)["state"] == "succeeded"
    assert api.wait(first)["state"] == "failed"
    assert len(tries) == setbacks.MOST


def test_the_pause_grows_and_an_outcome_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    known, step = setbacks.Setbacks(), Step(1, X86)
    assert [known.add(step) for _ in range(5)] == [0.5, 1, 2, 4, None]
    assert known.add(Step(1, OTHER)) == 0.5
    known.forget(Step(1, X86, 7))
    assert known.add(step) == 0.5
