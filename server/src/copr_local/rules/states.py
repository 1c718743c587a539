"""The states of a build and what leads from one to the next: tables, and the only code that follows them.

A build has a source step, and one step for each chroot. Each has a state of its own; the build's state
follows from theirs (`of_build`). An event that a table does not list for a state cannot happen there:
`Conflict`, nothing changes.

    source   pending ── claimed ─> starting ── begun ─> running ── built ─> importing ── imported ─> succeeded
    chroot   waiting ── imported ─> pending ── claimed ─> starting ── begun ─> running ── built ─> succeeded

`waiting` is a chroot that was asked for before its source RPM is there. `requeued` is what happens to a
step whose process died or was stopped: it is done again from its beginning. `abandoned` is one that this
program cannot go on with, through a fault of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..data.models import Build, BuildChroot
from .errors import Conflict

FINISHED = frozenset({"succeeded", "failed", "canceled", "skipped", "forked"})
IN_A_BUILDERS_HANDS = frozenset({"starting", "running"})

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

# A build whose source step succeeded is in the first of these that one of its chroots is in.
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
    """The state after an event.

    :raises Conflict: the event cannot happen in this state.
    """
    try:
        return table[happened][state]
    except KeyError:
        raise Conflict(f"What is {state} cannot be {happened}") from None


def check_cancelled(state: str) -> None:
    """:raises Conflict: a step in this state was not cancelled."""
    if state != "canceled":
        raise Conflict(f"What is {state} was not canceled")


def of_build(source_state: str, chroot_states: Iterable[str]) -> str:
    """The state of a build, from those of its parts."""
    if source_state != "succeeded":
        return source_state
    found = set(chroot_states)
    return next((state for state in PRECEDENCE if state in found), "succeeded")


def source_step(build: Build, happened: str) -> None:
    """Let an event happen to the source step of a build.

    :raises Conflict: it cannot happen now.
    """
    build.source_state = follow(SOURCE, build.source_state, happened)
    settle(build)


def chroot_step(chroot: BuildChroot, happened: str) -> None:
    """Let an event happen to one chroot of a build.

    :raises Conflict: it cannot happen now.
    """
    chroot.state = follow(CHROOT, chroot.state, happened)
    settle(chroot.build)


def settle(build: Build) -> None:
    """Store the state that follows from the build's parts."""
    build.state = of_build(build.source_state, (chroot.state for chroot in build.chroots))
