"""Builders on other machines: their tokens, what they may build, and what they are building.

A builder may take steps for its architectures. If it has patterns of chroots, it takes only steps of chroots
that match one of them; the source step of a build counts as the chroot `srpm-builds`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from ..data.builders import Builder
from ..data.database import Transaction
from ..data.models import Build, BuildChroot, MockChroot
from . import interruptions, queue, states, step_states
from .errors import AuthenticationRequired, Invalid, NotFound, Overtaken
from .leases import LEASE
from .queue import Step
from .users import NAME

HEARD_INTERVAL = 5  # seconds between two changes of `heard_on`

SILENT = 60  # seconds
TRANSFERS = 3600  # seconds for the source and the results of a step, in addition to the timeout of its build

_ARCH = re.compile(r"[a-z0-9_]{1,20}")
_PATTERN = re.compile(r"[A-Za-z0-9_.*?\[\]!-]{1,100}")


def add(tx: Transaction, name: str, arches: Sequence[str], chroots: Sequence[str] = ()) -> str:
    """Add a builder.

    :param tx: transaction to write in.
    :param name: name of the new builder.
    :param arches: architectures of chroots that it may build for, such as `x86_64`.
    :param chroots: patterns of chroots that it may build in, such as `epel-*`; empty for all.
    :returns: its token, which cannot be read again later.
    :raises Invalid: the name, an architecture or a pattern is not valid, or another builder has the name.
    """
    if not NAME.fullmatch(name):
        raise Invalid(f"'{name}' is not a valid name: use letters, digits, '_', '-' and '.'")
    if tx.session.get(Builder, name):
        raise Invalid(f"the builder '{name}' exists already")
    check_offer(arches, chroots)
    token = secrets.token_hex(20)
    tx.session.add(
        Builder(name=name, token_hash=_hash(token), arches=sorted(set(arches)), chroots=list(chroots))
    )
    return token


def check_offer(arches: Sequence[str], chroots: Sequence[str]) -> None:
    """Check what a builder wants to build.

    :param arches: architectures of chroots.
    :param chroots: patterns of chroots.
    :raises Invalid: there is no architecture, or one of the texts is not valid.
    """
    if not arches:
        raise Invalid("a builder needs at least one architecture")
    for form, texts in ((_ARCH, arches), (_PATTERN, chroots)):
        for text in texts:
            if not form.fullmatch(text):
                what = "architecture, such as x86_64" if form is _ARCH else "pattern, such as epel-*"
                raise Invalid(f"{text!r} is not a valid {what}")


def get(tx: Transaction, name: str) -> Builder:
    """Return a builder.

    :param tx: transaction to read from.
    :param name: name of the builder.
    :returns: the builder.
    :raises NotFound: no builder has this name.
    """
    builder = tx.session.get(Builder, name)
    if builder is None:
        raise NotFound(f"no builder is named '{name}'")
    return builder


def in_list(tx: Transaction) -> Sequence[Builder]:
    """Return all builders.

    :param tx: transaction to read from.
    :returns: the builders, sorted by name.
    """
    return tx.session.scalars(select(Builder).order_by(Builder.name)).all()


def remove(tx: Transaction, name: str) -> None:
    """Remove a builder: its token is refused from now on, and the steps that it builds are requeued.

    :param tx: transaction to write in.
    :param name: name of the builder.
    :raises NotFound: no builder has this name.
    :raises OSError: unfinished results cannot be moved into the trash.
    """
    tx.session.delete(get(tx, name))
    for step in building(tx, name):
        interruptions.resume(tx, step)


def drain(tx: Transaction, name: str, is_drained: bool = True) -> None:
    """Give a builder no more steps, or give it steps again. It finishes those that it has.

    :param tx: transaction to write in.
    :param name: name of the builder.
    :param is_drained: False to give it steps again.
    :raises NotFound: no builder has this name.
    """
    get(tx, name).is_drained = is_drained


def authenticate(tx: Transaction, token: str) -> Builder:
    """Return the builder that a token belongs to.

    :param tx: transaction to read from.
    :param token: the token.
    :returns: the builder.
    :raises AuthenticationRequired: no builder has this token.
    """
    builder = tx.session.scalar(select(Builder).where(Builder.token_hash == _hash(token)))
    if builder is None:
        raise AuthenticationRequired("no builder has this token: see `copr-local builder add`")
    return builder


def must_note(tx: Transaction, builder: Builder) -> bool:
    """Return True if it is time to store when a builder was last heard.

    :param tx: transaction to read from.
    :param builder: the builder, which sends a request now.
    :returns: True after `HEARD_INTERVAL` seconds.
    """
    return builder.heard_on is None or abs(tx.now - builder.heard_on) >= HEARD_INTERVAL


@dataclass(frozen=True)
class Held:
    """What became of the step that a builder has claimed.

    :param is_cancelled: True if the build was cancelled, and the builder should stop.
    :param has_ended: True if the end of the step is recorded.
    :param must_renew: True if it is time to renew the lease.
    """

    is_cancelled: bool
    has_ended: bool
    must_renew: bool


def check_held(
    tx: Transaction, builder: Builder, step: Step, *, begun: bool = True, ended: bool = False
) -> Held:
    """Check that a builder has the claim of a step.

    :param tx: transaction to read from.
    :param builder: the builder.
    :param step: the step, with the number of the claim.
    :param begun: False if the builder need not have accepted the claim yet.
    :param ended: True if the step may have ended, with this claim.
    :returns: what became of the step.
    :raises Overtaken: the builder has lost the claim, or never had it; also if the build was deleted, or took
        much longer than its timeout, which the builder should have ended.
    """
    lost = f"the builder {builder.name} does not have this claim, or has lost it"
    row: Build | BuildChroot | None
    if step.chroot is None:
        row = tx.session.get(Build, step.build_id)
    else:
        row = tx.session.get(BuildChroot, (step.build_id, step.chroot))
    if row is None or (row.builder, row.claim) != (builder.name, step.claim):
        raise Overtaken(lost)
    if isinstance(row, Build):
        build, state, started_on = row, row.source_state, row.source_started_on
    else:
        build, state, started_on = row.build, row.state, row.started_on
    held = Held(
        is_cancelled=state == "canceled",
        has_ended=state not in states.IN_A_BUILDERS_HANDS | {"canceled"},
        must_renew=row.lease_until is None or row.lease_until < tx.time + LEASE / 2,
    )
    if (held.has_ended and not ended) or (state == "starting" and begun):
        raise Overtaken(lost)
    if not held.has_ended and started_on is not None and tx.now > started_on + build.timeout + TRANSFERS:
        raise Overtaken(f"the builder {builder.name} has had this claim for too long")
    return held


def accept(tx: Transaction, builder: Builder, step: Step) -> None:
    """Begin a step that was claimed for a builder. This is possible once.

    A step that was cancelled meanwhile does not begin: the answer to the first part of its log says so.

    :param tx: transaction to write in.
    :param builder: the builder.
    :param step: the step, with the number of the claim.
    :raises Overtaken: the builder has lost the claim, or never had it.
    :raises Conflict: the builder has accepted it before.
    """
    if not check_held(tx, builder, step, begun=False).is_cancelled:
        queue.begin(tx, step)
    builder.heard_on = tx.now


def is_silent(builder: Builder, time: float) -> bool:
    """Return True if a builder should have been heard in the meantime.

    :param builder: the builder; it asks for steps at least every `SILENT` seconds, if it has a free slot.
    :param time: current unix time in seconds, UTC.
    :returns: True also for a builder that was never heard.
    """
    return builder.heard_on is None or time - builder.heard_on > SILENT


def building(tx: Transaction, name: str) -> list[Step]:
    """Return the steps that a builder is building.

    :param tx: transaction to read from.
    :param name: name of the builder.
    :returns: the steps with the numbers of their claims.
    """
    return step_states.steps_in(tx, states.IN_A_BUILDERS_HANDS, lambda row: row.builder == name)


def offer(
    tx: Transaction,
    builder: Builder,
    arches: Sequence[str],
    chroots: Sequence[str],
    *,
    slots: int | None = None,
    trouble: str = "",
) -> None:
    """Store what a builder takes, and that it was heard.

    :param tx: transaction to write in.
    :param builder: the builder.
    :param arches: architectures that it builds for.
    :param chroots: patterns of chroots that it builds in; empty for all.
    :param slots: how many builds at the same time it takes by a message broker; None if it asks for each.
    :param trouble: why it takes no builds now, such as a full disk; empty if it does.
    """
    builder.heard_on = tx.now
    offer: dict[str, Any] = {"arches": list(arches), "chroots": list(chroots)}
    if slots is not None:
        offer["slots"] = slots
    if trouble:
        offer["trouble"] = trouble
    builder.offer = offer


def give_nothing(tx: Transaction, builder: Builder, trouble: str) -> None:
    """Give a builder no more steps until it says again what it takes.

    :param tx: transaction to write in.
    :param builder: the builder.
    :param trouble: why: one line.
    """
    builder.offer = {**(builder.offer or {}), "trouble": trouble}


def wish_of(builder: Builder) -> str:
    """Return what a builder has said that it takes, and how it gets its steps, as a text for people.

    :param builder: the builder.
    :returns: the text, such as `x86_64, 4 slots by the broker`; empty if it has not said so yet.
    """
    offer = builder.offer or {}
    if "arches" not in offer:
        return ""
    slots = offer.get("slots")
    way = "polls" if slots is None else f"{slots} slots by the broker"
    return ", ".join((" ".join(offer["arches"]), *offer["chroots"], way))


def trouble_of(builder: Builder) -> str:
    """Return why a builder cannot build now.

    :param builder: the builder.
    :returns: one line, which it has sent; empty if it can build.
    """
    return str((builder.offer or {}).get("trouble", ""))


def queue_of(builder: Builder) -> str:
    """Return the name of a builder's queue at the message broker.

    :param builder: the builder.
    :returns: the name; builders of other services with the same name have other queues.
    """
    return f"copr-local.{builder.name}.{builder.token_hash[:8]}"


def with_free_slots(tx: Transaction) -> list[tuple[Builder, range]]:
    """Return the builders that have said how much they take by a message broker, and can take more.

    :param tx: transaction to read from.
    :returns: the builders with the numbers of their free slots; the busy ones are those from 0.
    """
    found = [
        builder
        for builder in in_list(tx)
        if (builder.offer or {}).get("slots") and not is_silent(builder, tx.time)
    ]
    if not found:
        return []
    busy: Counter[str | None] = Counter()
    for row, state in ((Build, Build.source_state), (BuildChroot, BuildChroot.state)):
        query = select(row.builder, func.count()).where(state.in_(states.IN_A_BUILDERS_HANDS))
        for name, count in tx.session.execute(query.group_by(row.builder)):
            busy[name] += count
    return [(builder, range(busy[builder.name], (builder.offer or {})["slots"])) for builder in found]


def is_taking(tx: Transaction, name: str) -> bool:
    """Return True if a builder may get steps.

    :param tx: transaction to read from.
    :param name: name of the builder.
    :returns: False if it was removed, is drained, or says that it cannot build now.
    """
    builder = tx.session.get(Builder, name)
    return builder is not None and not builder.is_drained and not trouble_of(builder)


def arches_left_by(tx: Transaction, machine: str, chroot: str) -> set[str] | None:
    """Return the architectures that the service's own builders build for, if builders elsewhere get a chroot.

    They get architectures that are not those of the service's machine.

    :param tx: transaction to read from.
    :param machine: architecture of the service's machine.
    :param chroot: name of a chroot.
    :returns: the architectures that are left; None if the chroot is not for builders elsewhere.
    """
    own = {machine, "noarch"} | ({"i386", "i686"} if machine == "x86_64" else set())
    if _arch_of(chroot) in own:
        return None
    elsewhere = {arch for arches in tx.session.scalars(select(Builder.arches)) for arch in arches} - own
    if _arch_of(chroot) not in elsewhere:
        return None
    return {_arch_of(name) for name in tx.session.scalars(select(MockChroot.name))} - elsewhere


def _arch_of(chroot: str) -> str:
    return chroot.rpartition("-")[2]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
