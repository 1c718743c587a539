"""Steps of the queue in a database without builders: which are ready, stopped, or left by another process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from copr_local.data.database import StepChange, Transaction
from copr_local.data.models import DELETED, Build, Package, Project, User
from copr_local.rules import (
    builders,
    interruptions,
    leases,
    messages,
    overviews,
    permissions,
    project_dirs,
    queue,
    queue_order,
    sources,
    step_states,
    submission,
)
from copr_local.rules.overviews import QueueLength
from copr_local.rules.queue import Step
from copr_local.rules.sources import Source
from copr_local.rules.submission import Options

X86, ARM = "fedora-45-x86_64", "fedora-45-aarch64"
LINK = sources.link("https://example.com/hello.spec")


@pytest.fixture
def submit(tx: Transaction, alice: User, hello: Project) -> Callable[..., Build]:
    """Return a function that submits a build for both chroots, and sets the state of its source step."""

    def one(source_state: str = "pending", source: Source = LINK, **options: Any) -> Build:
        place = project_dirs.get_dir(tx, hello, "hello")
        build = submission.submit(tx, alice, place, source, Options(chroots=[X86, ARM], **options))
        build.source_state = source_state
        tx.session.flush()
        return build

    return one


def set_chroots(tx: Transaction, build: Build, **states: str) -> None:
    """Set the states of the chroots of a build; its source is known, so it has a package."""
    build.package = Package(project=build.project, name=f"hello{build.id}")
    for chroot in build.chroots:
        chroot.state = states[chroot.name.rpartition("-")[2]]
    tx.session.flush()


def states_of(build: Build) -> list[str]:
    """Return the state of the source step, and those of aarch64 and x86_64."""
    return [build.source_state, *(chroot.state for chroot in build.chroots)]


def test_the_queue_has_a_length_for_each_thing_that_steps_wait_for(
    tx: Transaction, submit: Callable[..., Build]
) -> None:
    submit("importing")
    for arm in ("starting", "pending", "succeeded"):
        set_chroots(tx, submit("succeeded"), aarch64=arm, x86_64="running")
    set_chroots(tx, submit("succeeded"), aarch64="pending", x86_64="pending")
    assert overviews.queue_length(tx) == QueueLength(importing=1, running=4, waiting=3)
    assert step_states.unfinished(tx) == {
        ("source", "importing"): 1,
        **{("aarch64", state): number for state, number in (("waiting", 1), ("starting", 1), ("pending", 2))},
        **{("x86_64", state): number for state, number in (("waiting", 1), ("running", 3), ("pending", 1))},
    }


def test_builds_may_use_the_network_as_their_project_says_or_as_they_say(
    hello: Project, submit: Callable[..., Build]
) -> None:
    found = []
    for allowed in (True, False):
        hello.enable_net = allowed
        found += [submit(enable_net=wanted).enable_net for wanted in (None, True, False)]
    assert found == [True, True, False, False, True, False]


@pytest.mark.parametrize(("ran", "told"), [(7, 7), (0, 0), (-3, 0), (None, 0)])
def test_the_duration_of_a_step_is_never_negative(
    ran: int | None, told: int, tx: Transaction, submit: Callable[..., Build]
) -> None:
    started_on = None if ran is None else tx.now - ran
    build, chroots = submit("running"), submit("succeeded")
    set_chroots(tx, chroots, aarch64="running", x86_64="succeeded")
    build.source_started_on = chroots.chroots[0].started_on = started_on
    build.builder = chroots.chroots[0].builder = "big"
    queue.fail(tx, Step(build.id))
    queue.fail(tx, Step(chroots.id, ARM))
    assert tx._steps == [
        StepChange(build.id, "source", "source", "failed", "big", told),
        StepChange(chroots.id, ARM, "aarch64", "failed", "big", told),
    ]


def test_messages_have_other_ids_for_another_claim_or_another_data_folder(
    tx: Transaction, submit: Callable[..., Build]
) -> None:
    build = submit("succeeded")
    set_chroots(tx, build, aarch64="running", x86_64="pending")
    chroot = build.chroots[0]

    def sent() -> list[str]:
        messages.of_chroot_step(replace(tx, sender="https://copr.example.com"), chroot, "starting")
        return [message.message_id for message in tx._messages[-2:]]

    first = sent()
    assert sent() == first
    chroot.claim += 1
    second = sent()
    build.submitted_on -= 1
    assert len({*first, *second, *sent()}) == 6
    assert "who:" not in tx._messages[0].body["what"]


def test_nobody_builds_in_a_project_that_is_being_deleted(
    tx: Transaction, alice: User, hello: Project
) -> None:
    assert permissions.can_build(alice, hello)
    hello.delete_after = DELETED
    assert not permissions.can_build(alice, hello)
    assert not permissions.can_edit(alice, hello)


def test_a_new_process_requeues_what_the_last_one_has_not_finished(
    tx: Transaction, submit: Callable[..., Build]
) -> None:
    source, claimed = submit("running"), submit("starting")
    importing = submit("importing")
    building = submit("succeeded")
    set_chroots(tx, building, aarch64="succeeded", x86_64="running")
    assert interruptions.recover(tx) == [Step(source.id), Step(claimed.id), Step(building.id, X86)]
    assert states_of(source) == states_of(claimed) == ["pending", "waiting", "waiting"]
    assert states_of(importing) == ["succeeded", "pending", "pending"]
    assert states_of(building) == ["succeeded", "succeeded", "pending"]
    assert interruptions.recover(tx) == []


def test_a_new_process_removes_uploads_that_no_build_waits_for(
    tx: Transaction, submit: Callable[..., Build]
) -> None:
    for state, folder in (("pending", "wanted"), ("succeeded", "used")):
        submit(state, Source("upload", {"tmp": folder, "pkg": "hello.spec"}))
        (tx.data_folder.uploads / folder).mkdir()
    (tx.data_folder.uploads / "never_submitted").mkdir()
    interruptions.recover(tx)
    assert [folder.name for folder in tx.data_folder.uploads.iterdir()] == ["wanted"]


def test_builders_stop_the_steps_that_were_cancelled_and_those_of_deleted_builds(
    tx: Transaction, submit: Callable[..., Build]
) -> None:
    source, building = submit("running"), submit("succeeded")
    set_chroots(tx, building, aarch64="canceled", x86_64="running")
    at_work = {Step(source.id), Step(building.id, X86)}
    over = {Step(building.id), Step(building.id, ARM), Step(99), Step(99, X86)}
    assert queue.cancelled(tx, at_work | over) == over


def test_a_batch_waits_until_the_one_before_has_finished(
    tx: Transaction, submit: Callable[..., Build]
) -> None:
    first = submit()
    second = submit(after_build_id=first.id)
    assert queue_order.next_step(tx) == Step(first.id)
    first.source_state = first.state = "running"
    assert queue_order.next_step(tx) is None
    first.source_state = first.state = "failed"
    assert queue_order.next_step(tx) == Step(second.id)


@pytest.mark.parametrize(("started", "ended"), [(-50, 0), (50, 50)], ids=["before", "the clock was set back"])
def test_no_step_ends_before_it_has_started(
    tx: Transaction, submit: Callable[..., Build], started: int, ended: int
) -> None:
    build = submit("succeeded")
    set_chroots(tx, build, aarch64="pending", x86_64="running")
    build.chroots[1].started_on = tx.now + started
    queue.fail(tx, Step(build.id, X86))
    assert build.chroots[1].ended_on == tx.now + ended


@pytest.mark.parametrize(("started", "ended"), [(-50, 0), (50, 50)], ids=["before", "the clock was set back"])
def test_the_end_of_a_source_step_is_kept_until_it_is_queued_again(
    tx: Transaction, submit: Callable[..., Build], started: int, ended: int
) -> None:
    failed, built, lost = (submit("running") for _ in range(3))
    for build in failed, built, lost:
        build.source_started_on = tx.now + started
    queue.fail(tx, Step(failed.id))
    queue.source_built(tx, Step(built.id), package="hello", version="1-1", srpm="hello-1-1.src.rpm")
    assert failed.source_ended_on == built.source_ended_on == tx.now + ended
    interruptions.requeue(tx, Step(lost.id))
    assert lost.source_started_on is lost.source_ended_on is None


def test_a_lease_ends_unless_the_worker_with_that_claim_renews_it(
    tx: Transaction, submit: Callable[..., Build]
) -> None:
    renewed, lost, other = (submit("running") for _ in range(3))
    first, second = (submit("succeeded") for _ in range(2))
    set_chroots(tx, first, aarch64="running", x86_64="running")
    set_chroots(tx, second, aarch64="succeeded", x86_64="running")
    chroots = [*first.chroots, *second.chroots]
    for row, number in ((renewed, 1), (lost, 2), (other, 1), *((chroot, 5) for chroot in chroots)):
        row.claim, row.lease_until = number, tx.now - 1
    tx.session.flush()
    source_steps = [Step(renewed.id, claim=1), Step(lost.id, claim=1)]
    leases.renew(tx, [*source_steps, Step(first.id, X86, claim=5), Step(second.id, X86, claim=4)])
    tx.session.expire_all()
    ended = {Step(lost.id, claim=2), Step(other.id, claim=1)}
    assert leases.expired(tx) == ended | {Step(first.id, ARM, claim=5), Step(second.id, X86, claim=5)}


@pytest.mark.parametrize(
    ("state", "waits", "ended"),
    [
        ("pending", True, True),
        ("starting", False, False),
        ("running", False, False),
        ("canceled", False, False),
        ("succeeded", False, True),
        ("failed", False, True),
    ],
)
def test_what_became_of_a_step_is_read_for_that_step_alone(
    state: str, waits: bool, ended: bool, tx: Transaction, submit: Callable[..., Build]
) -> None:
    other = "running" if waits or ended else "pending"
    source, chroots, without = submit(state), submit("succeeded"), submit(other)
    set_chroots(tx, source, aarch64=other, x86_64=other)
    set_chroots(tx, chroots, aarch64=other, x86_64=state)
    set_chroots(tx, without, aarch64=other, x86_64=other)
    for step in (Step(source.id), Step(chroots.id, X86)):
        assert (step_states.is_waiting(tx, step), step_states.has_ended(tx, step)) == (waits, ended)
    for gone in (Step(10**6), Step(10**6, X86), Step(source.id, "epel-9-x86_64")):
        assert not step_states.is_waiting(tx, gone)
        assert step_states.has_ended(tx, gone)


def test_the_steps_of_a_builder_elsewhere_are_its_own(tx: Transaction, submit: Callable[..., Build]) -> None:
    source, chroots = submit(), submit("succeeded")
    set_chroots(tx, chroots, aarch64="pending", x86_64="pending")
    big = [queue.claim(tx, step, 30, "big") for step in (Step(source.id), Step(chroots.id, X86))]
    other = [queue.claim(tx, step, 30, "other") for step in (Step(submit().id), Step(chroots.id, ARM))]
    queue.claim(tx, Step(submit().id))
    tx.session.flush()
    assert (builders.building(tx, "big"), builders.building(tx, "other")) == (big, other)


@pytest.mark.parametrize(("lease", "renew"), [(None, True), (10, True), (20, False)])
def test_a_lease_is_renewed_when_half_of_it_is_over(
    lease: float | None, renew: bool, tx: Transaction, submit: Callable[..., Build]
) -> None:
    token = builders.add(tx, "big", ["x86_64"])
    step = queue.claim(tx, Step(submit().id), lease, "big")
    held = builders.check_held(tx, builders.authenticate(tx, token), step, begun=False)
    assert (held.must_renew, held.is_cancelled, held.has_ended) == (renew, False, False)


@pytest.mark.parametrize(("ago", "note"), [(None, True), (0, False), (4, False), (5, True), (-5, True)])
def test_a_builder_is_noted_every_few_seconds(ago: int | None, note: bool, tx: Transaction) -> None:
    builder = builders.authenticate(tx, builders.add(tx, "big", ["x86_64"]))
    builder.heard_on = None if ago is None else tx.now - ago
    assert builders.must_note(tx, builder) is note


def test_the_slots_of_a_builder_are_free_if_no_step_is_in_them(
    tx: Transaction, submit: Callable[..., Build]
) -> None:
    for name, slots in (("other", 2), ("big", 3)):
        builders.add(tx, name, ["x86_64"])
        builders.offer(tx, builders.get(tx, name), ["x86_64"], [], slots=slots)
    chroots = submit("succeeded")
    set_chroots(tx, chroots, aarch64="pending", x86_64="succeeded")
    for step in (Step(submit().id), Step(chroots.id, ARM)):
        queue.claim(tx, step, builder="big")
    free = [(builder.name, slots) for builder, slots in builders.with_free_slots(tx)]
    assert free == [("big", range(2, 3)), ("other", range(2))]


def test_a_new_process_leaves_builders_elsewhere_their_steps_for_one_more_lease(
    tx: Transaction, submit: Callable[..., Build]
) -> None:
    source, chroots, here = submit(), submit("succeeded"), submit("succeeded")
    for build in (chroots, here):
        set_chroots(tx, build, aarch64="pending", x86_64="succeeded")
    for step in (Step(source.id), Step(chroots.id, ARM)):
        queue.claim(tx, step, 1, "big")
    queue.claim(tx, Step(here.id, ARM), 1)
    waiting, ended = submit(), submit("failed")
    ended.builder = "big"
    tx.session.flush()
    before = here.chroots[0].lease_until
    assert interruptions.recover(tx, 100) == [Step(here.id, ARM)]
    tx.session.expire_all()
    assert (states_of(source)[0], states_of(chroots)[1]) == ("starting", "starting")
    assert source.lease_until == chroots.chroots[0].lease_until
    assert tx.time + 99 < source.lease_until <= tx.time + 101
    assert (waiting.lease_until, ended.lease_until, here.chroots[0].lease_until) == (None, None, before)
    assert chroots.chroots[1].lease_until is None
