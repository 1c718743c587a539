"""The queue of build steps: how builders take steps from it, and how they record the results.

- A step is the source step of a build (`chroot` is None) or one of its chroots. `queue_order.py` has the
  order in which builders take them.
- Each function makes one transition of `rules.states`, with all that belongs to it. The caller commits it.
- While a builder works on a step, the step may be cancelled, or its build deleted. When the builder records
  the result, it gets `Conflict` or `NotFound`, and must discard the result.
- Each claim of a step has a number. It grows with every claim and when the step is requeued. So a builder
  that lost its claim gets `Overtaken`, and changes nothing. It loses it when its lease ends (`leases.py`).
- `interruptions.py` requeues steps that were interrupted, or keeps their complete results.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import CompoundSelect, Integer, String, bindparam, cast, null, select, union_all
from sqlalchemy.orm import load_only, selectinload

from ..data.database import Transaction
from ..data.models import Build, BuildChroot
from . import builds, chroots, packages, results, states, turns
from .errors import NotFound, Overtaken


@dataclass(frozen=True)
class Step:
    """The source step of a build, or the build of one chroot.

    :param build_id: id of the build.
    :param chroot: name of the chroot; None for the source step.
    :param claim: number of the claim that a builder has; None for whatever claim the step has now.
    """

    build_id: int
    chroot: str | None = None
    claim: int | None = None


def claim(tx: Transaction, step: Step, lease: float | None = None, builder: str | None = None) -> Step:
    """Take a step out of the queue, for a builder. The project has its turn with that.

    :param tx: transaction to write in.
    :param step: step that waits in the queue.
    :param lease: seconds until the builder loses the claim, if its lease is not renewed; None for never.
    :param builder: name of a builder on another machine; None for one of this process.
    :returns: the step with the number of its claim.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step is not in the queue any more.
    """
    build = builds.get(tx, step.build_id)
    turns.take(tx, build.project_id)  # before the changes, which are then written in one statement
    row: Build | BuildChroot = build
    if step.chroot is None:
        states.source_step(tx, build, "claimed")
    else:
        row = chroot = chroot_of(tx, step)
        states.chroot_step(tx, chroot, "claimed")
        chroot.started_on = tx.now
    row.claim += 1
    row.lease_until = None if lease is None else math.ceil(tx.time + lease)
    row.builder = builder
    return replace(step, claim=row.claim)


def check_claim(tx: Transaction, step: Step) -> None:
    """Check that a builder still has the claim of a step.

    :param tx: transaction to read in.
    :param step: the step.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Overtaken: the builder has lost the claim.
    """
    build_of(tx, step) if step.chroot is None else chroot_of(tx, step)


def begin(tx: Transaction, step: Step) -> None:
    """Record that a builder has started a claimed step.

    :param tx: transaction to write in.
    :param step: step that the builder has claimed.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was cancelled.
    :raises Overtaken: the builder has lost the claim.
    """
    if step.chroot is None:
        build = build_of(tx, step)
        states.source_step(tx, build, "begun")
        build.source_started_on = tx.now
    else:
        states.chroot_step(tx, chroot_of(tx, step), "begun")


def source_built(
    tx: Transaction,
    step: Step,
    *,
    package: str,
    version: str,
    srpm: str,
    srpm_digest: str | None = None,
    exclusive_arch: Sequence[str] = (),
    exclude_arch: Sequence[str] = (),
) -> None:
    """Record that the source step of a build has made a source RPM.

    :param tx: transaction to write in.
    :param step: source step of the build.
    :param package: name of the package.
    :param version: version and release, such as "1.0-1".
    :param srpm: file name of the source RPM.
    :param srpm_digest: SHA-1 of the source RPM, in hexadecimal digits. Old clients show it as the commit in
        dist-git into which a build was imported; here only the file is imported.
    :param exclusive_arch: architectures in the spec's ExclusiveArch.
    :param exclude_arch: architectures in the spec's ExcludeArch.
    :raises NotFound: the build does not exist any more.
    :raises Conflict: the step was cancelled.
    :raises Overtaken: the builder has lost the claim.
    """
    build = build_of(tx, step)
    _end_source(tx, build, "built")
    with tx.session.no_autoflush:  # all changes of the build are written in one statement
        build.package = packages.of_build(tx, build, package)
        if not build.chroots:
            build.chroots = chroots.of_build(build, packages.chroots_of(build.package))
    build.version = version
    build.srpm, build.srpm_digest = srpm, srpm_digest
    for chroot in build.chroots:
        if chroots.is_excluded(chroot.name, exclusive_arch, exclude_arch):
            states.chroot_step(tx, chroot, "excluded")
    results.discard_upload(tx, build)


def imported(tx: Transaction, step: Step) -> None:
    """Record that the source RPM of a build is in its folder, so that its chroots can be built.

    :param tx: transaction to write in.
    :param step: source step of the build.
    :raises NotFound: the build does not exist any more.
    :raises Conflict: the step was cancelled.
    :raises Overtaken: the builder has lost the claim.
    """
    build = build_of(tx, step)
    states.source_step(tx, build, "imported")
    for chroot in build.chroots:
        if chroot.state == "waiting":
            states.chroot_step(tx, chroot, "imported")
    builds.step_ended(tx, build)


def chroot_built(tx: Transaction, step: Step, packages: Sequence[Mapping[str, Any]]) -> None:
    """Record that a chroot of a build was built.

    :param tx: transaction to write in.
    :param step: chroot step; its packages are already in the repository.
    :param packages: the built packages, as in `results.json`.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was cancelled.
    :raises Overtaken: the builder has lost the claim.
    """
    chroot = chroot_of(tx, step)
    chroot.packages = [dict(package) for package in packages]
    _end(tx, chroot, "built")
    builds.step_ended(tx, chroot.build)


def _end(tx: Transaction, chroot: BuildChroot, happened: str) -> None:
    """Record how and when a step ended: never before it started, even if the clock was set back."""
    chroot.ended_on = max(tx.now, chroot.started_on or 0)
    states.chroot_step(tx, chroot, happened)


def _end_source(tx: Transaction, build: Build, happened: str) -> None:
    """Do the same for the source step."""
    build.source_ended_on = max(tx.now, build.source_started_on or 0)
    states.source_step(tx, build, happened)


def fail(tx: Transaction, step: Step) -> None:
    """Record that a step failed; if it is the source step, all waiting chroots of the build fail too.

    :param tx: transaction to write in.
    :param step: step that failed.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was cancelled.
    :raises Overtaken: the builder has lost the claim.
    """
    if step.chroot is None:
        build = build_of(tx, step)
        _end_source(tx, build, "failed")
        results.discard_upload(tx, build)
        _fail_waiting(tx, build)
    else:
        chroot = chroot_of(tx, step)
        _end(tx, chroot, "failed")
        build = chroot.build
    builds.step_ended(tx, build)


def _fail_waiting(tx: Transaction, build: Build) -> None:
    """Let all chroots of a build fail that wait for its source RPM."""
    for chroot in build.chroots:
        if chroot.state == "waiting":
            states.chroot_step(tx, chroot, "failed")


def abandon(tx: Transaction, step: Step) -> None:
    """Let a step fail that cannot be recorded in any other way, because of an error in this program.

    Only states and times are read and changed here, because other data of the build may cause the error.

    :param tx: transaction to write in.
    :param step: step to abandon.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step has finished.
    :raises Overtaken: the builder has lost the claim.
    """
    only_states = (
        load_only(Build.state, Build.source_state, Build.source_started_on, Build.claim),
        selectinload(Build.chroots).load_only(BuildChroot.state, BuildChroot.started_on, BuildChroot.claim),
    )
    build = tx.session.get(Build, step.build_id, options=only_states)
    if build is None:
        raise NotFound(f"Build {step.build_id} does not exist.")
    if step.chroot is None:
        _check(step, build.claim)
        _end_source(tx, build, "abandoned")
        _fail_waiting(tx, build)
    else:
        chroot = chroot_of(tx, step)
        _end(tx, chroot, "abandoned")


def skip(tx: Transaction, step: Step) -> None:
    """Record that this machine cannot build a chroot, and that this does not count as a failure.

    :param tx: transaction to write in.
    :param step: chroot step.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was cancelled.
    :raises Overtaken: the builder has lost the claim.
    """
    chroot = chroot_of(tx, step)
    _end(tx, chroot, "skipped")
    builds.step_ended(tx, chroot.build)


def acknowledge_cancel(tx: Transaction, step: Step) -> None:
    """Record that a builder has stopped a cancelled step.

    As in the real Copr frontend, no end time is stored for such a step.

    :param tx: transaction to write in.
    :param step: step that the builder has stopped.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was not cancelled.
    :raises Overtaken: the builder has lost the claim.
    """
    if step.chroot is None:
        build = build_of(tx, step)
        states.check_cancelled(build.source_state)
        results.discard_upload(tx, build)
    else:
        states.check_cancelled(chroot_of(tx, step).state)


def cancelled(tx: Transaction, steps: Collection[Step]) -> set[Step]:
    """Return the steps that builders should stop.

    :param tx: transaction to read from.
    :param steps: steps that builders work on.
    :returns: the steps that were cancelled, whose claims were overtaken, or that belong to a deleted build.
    """
    builds = {"builds": sorted({step.build_id for step in steps})}
    claims: dict[tuple[int, str | None], int] = {}
    for build_id, name, number in tx.session.execute(_in_hand(), builds):
        claims[build_id, name] = number
    found = [(step, claims.get((step.build_id, step.chroot))) for step in steps]
    return {step for step, number in found if number is None or step.claim not in (None, number)}


@functools.cache
def _in_hand() -> CompoundSelect[int, str | None, int]:
    """Return the query for the steps of some builds that are in progress: source steps, and chroots."""
    builds = bindparam("builds", type_=Integer, expanding=True)
    sources = select(Build.id, cast(null(), String), Build.claim).where(
        Build.id.in_(builds), Build.source_state.in_(states.IN_A_BUILDERS_HANDS)
    )
    chroots = select(BuildChroot.build_id, BuildChroot.name, BuildChroot.claim).where(
        BuildChroot.build_id.in_(builds), BuildChroot.state.in_(states.IN_A_BUILDERS_HANDS)
    )
    return union_all(sources, chroots)


def build_of(tx: Transaction, step: Step) -> Build:
    """Return the build of a source step, if the builder still has its claim.

    :param tx: transaction to read in.
    :param step: source step.
    :returns: the build, with its chroots loaded.
    :raises NotFound: the build does not exist any more.
    :raises Overtaken: the builder has lost the claim.
    """
    build = builds.get(tx, step.build_id)
    _check(step, build.claim)
    build.chroots  # noqa: B018 - loads them: queries after the first change would write each change by itself
    return build


def chroot_of(tx: Transaction, step: Step) -> BuildChroot:
    """Return the chroot of a step, if the builder still has its claim.

    :param tx: transaction to read in.
    :param step: chroot step.
    :returns: the chroot, with its build loaded.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Overtaken: the builder has lost the claim.
    """
    build = builds.get(tx, step.build_id)
    chroot = builds.get_chroot(tx, build, str(step.chroot))
    chroot.build  # noqa: B018 - the session keeps no object that nothing refers to, and would load it again
    _check(step, chroot.claim)
    return chroot


def _check(step: Step, claim: int) -> None:
    """Raise `Overtaken` if a step has another claim by now; no other transaction can change it meanwhile."""
    if step.claim not in (None, claim):
        raise Overtaken(f"{step} has lost its claim: the current one is {claim}")
