"""The states of builds, and the transitions between them: tables, and the only code that uses them.

A build has a source step, and one step for each chroot. Each step has a state. The state of the build follows
from them (`of_build`). If a table does not list an event for a state, the event raises `Conflict`, and
nothing changes.

    source   pending ── claimed ─> starting ── begun ─> running ── built ─> importing ── imported ─> succeeded
    chroot   waiting ── imported ─> pending ── claimed ─> starting ── begun ─> running ── built ─> succeeded

In the state `waiting` a chroot waits for its source RPM. The event `requeued` happens to a step if its
process died or was stopped: the step starts again from the beginning. `abandoned` happens to a step that
cannot go on because of an error in this program.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..data.database import StepChange, Transaction
from ..data.models import Build, BuildChroot
from . import messages
from .errors import Conflict

FINISHED = frozenset({"succeeded", "failed", "canceled", "skipped", "forked"})
IN_A_BUILDERS_HANDS = frozenset({"starting", "running"})
UNFINISHED = IN_A_BUILDERS_HANDS | {"waiting", "pending", "importing"}

Table = Mapping[str, Mapping[str, str]]  # event -> state before -> state after

SOURCE: Table = {
    "claimed": {"pending": "starting"},
    "begun": {"starting": "running"},
    "built": {"running": "importing"},
    "imported": {"importing": "succeeded"},
    "failed": {"starting": "failed", "running": "failed", "importing": "failed"},
    "abandoned": {"pending": "failed", "starting": "failed", "running": "failed", "importing": "failed"},
    "canceled": {
        "pending": "canceled",
        "starting": "canceled",
        "running": "canceled",
        "importing": "canceled",
    },
    "requeued": {"starting": "pending", "running": "pending"},
}

CHROOT: Table = {
    "imported": {"waiting": "pending"},
    "excluded": {"waiting": "skipped"},
    "claimed": {"pending": "starting"},
    "begun": {"starting": "running"},
    "built": {"running": "succeeded"},
    "failed": {"waiting": "failed", "starting": "failed", "running": "failed"},
    "abandoned": {"pending": "failed", "starting": "failed", "running": "failed"},
    "canceled": {
        "waiting": "canceled",
        "pending": "canceled",
        "starting": "canceled",
        "running": "canceled",
    },
    "skipped": {"starting": "skipped", "running": "skipped"},
    "requeued": {"starting": "pending", "running": "pending"},
}

# After its source step succeeded, a build has the first of these states that one of its chroots has.
PRECEDENCE = (
    "canceled",
    "running",
    "starting",
    "pending",
    "waiting",
    "failed",
    "succeeded",
    "skipped",
    "forked",
)


def follow(table: Table, state: str, happened: str) -> str:
    """Return the state after an event.

    :param table: `SOURCE` or `CHROOT`.
    :param state: the state before.
    :param happened: name of the event.
    :returns: the new state.
    :raises Conflict: the event is not possible in this state.
    """
    try:
        return table[happened][state]
    except KeyError:
        raise Conflict(f"A step that is {state} cannot be {happened}") from None


def check_cancelled(state: str) -> None:
    """Check that a step was cancelled.

    :param state: state of the step.
    :raises Conflict: the state is not ``canceled``.
    """
    if state != "canceled":
        raise Conflict(f"A step that is {state} was not canceled")


def of_build(source_state: str, chroot_states: Iterable[str]) -> str:
    """Return the state of a build.

    :param source_state: state of its source step.
    :param chroot_states: states of its chroots.
    :returns: the state of the source step until it has succeeded, then the first of `PRECEDENCE` that a
        chroot has.
    """
    if source_state != "succeeded":
        return source_state
    found = set(chroot_states)
    return next((state for state in PRECEDENCE if state in found), "succeeded")


def source_step(tx: Transaction, build: Build, happened: str) -> None:
    """Apply an event to the source step of a build, and update the state of the build.

    :param tx: transaction to write in.
    :param build: build to change.
    :param happened: name of an event in `SOURCE`.
    :raises Conflict: the event is not possible in the current state.
    """
    before, build.source_state = build.source_state, follow(SOURCE, build.source_state, happened)
    settle(build)
    messages.of_source_step(tx, build, before)
    step = build.id, "source", "source"
    _tell(tx, step, before, build.source_state, build.builder, build.source_started_on)


def chroot_step(tx: Transaction, chroot: BuildChroot, happened: str) -> None:
    """Apply an event to one chroot of a build, and update the state of the build.

    :param tx: transaction to write in.
    :param chroot: chroot to change.
    :param happened: name of an event in `CHROOT`.
    :raises Conflict: the event is not possible in the current state.
    """
    before, chroot.state = chroot.state, follow(CHROOT, chroot.state, happened)
    settle(chroot.build)
    messages.of_chroot_step(tx, chroot, before)
    step = chroot.build_id, chroot.name, chroot.arch
    _tell(tx, step, before, chroot.state, chroot.builder, chroot.started_on)


def _tell(
    tx: Transaction,
    step: tuple[int, str, str],
    before: str,
    after: str,
    builder: str | None,
    started_on: int | None,
) -> None:
    """Let a step that begins to run or has ended after that be logged: its build, chroot, architecture."""
    if after == "running":
        tx.step_changed(StepChange(*step, after, builder, None))
    elif before in ("running", "importing") and after in FINISHED:
        tx.step_changed(StepChange(*step, after, builder, max(0, tx.now - (started_on or tx.now))))


def settle(build: Build) -> None:
    """Store the state of a build that follows from its steps, and when the last of its chroots ended.

    A build without chroots never ends, and neither does one with a chroot that was cancelled or excluded.

    :param build: build to change.
    """
    build.state = of_build(build.source_state, (chroot.state for chroot in build.chroots))
    ended = [chroot.ended_on for chroot in build.chroots if chroot.ended_on is not None]
    build.ended_on = max(ended) if ended and len(ended) == len(build.chroots) else None
