"""The queue of build steps: how builders take steps from it, and how they record the results.

- A step is the source step of a build (`chroot` is None) or one of its chroots. `queue_order.py` has the
  order in which builders take them.
- Each function makes one transition of `rules.states`, with all that belongs to it. The caller commits it.
- While a builder works on a step, the step may be cancelled, or its build deleted. When the builder records
  the result, it gets `Conflict` or `NotFound`, and must discard the result.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select
from sqlalchemy.orm import load_only, selectinload

from ..data.database import Transaction
from ..data.models import Build, BuildChroot
from ..filesystem.layout import complete_results
from . import builds, chroots, packages, results, states, turns
from .errors import NotFound


@dataclass(frozen=True)
class Step:
    """The source step of a build, or the build of one chroot.

    :param build_id: id of the build.
    :param chroot: name of the chroot; None for the source step.
    """

    build_id: int
    chroot: str | None = None


def claim(tx: Transaction, step: Step) -> None:
    """Take a step out of the queue, for a builder. The project has its turn with that.

    :param tx: transaction to write in.
    :param step: step that waits in the queue.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step is not in the queue any more.
    """
    build = builds.get(tx, step.build_id)
    if step.chroot is None:
        states.source_step(build, "claimed")
    else:
        chroot = _chroot(tx, step)
        states.chroot_step(chroot, "claimed")
        chroot.started_on = tx.now
    turns.take(tx, build.project_id)


def begin(tx: Transaction, step: Step) -> None:
    """Record that a builder has started a claimed step.

    :param tx: transaction to write in.
    :param step: step that the builder has claimed.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was cancelled.
    """
    build = builds.get(tx, step.build_id)
    if step.chroot is None:
        states.source_step(build, "begun")
        build.source_started_on = tx.now
    else:
        states.chroot_step(_chroot(tx, step), "begun")


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
    """
    build = builds.get(tx, step.build_id)
    states.source_step(build, "built")
    build.package = packages.of_build(tx, build, package)
    build.version = version
    build.srpm, build.srpm_digest = srpm, srpm_digest
    if not build.chroots:
        build.chroots = chroots.of_build(build, packages.chroots_of(build.package))
    for chroot in build.chroots:
        if chroots.is_excluded(chroot.name, exclusive_arch, exclude_arch):
            states.chroot_step(chroot, "excluded")
    results.discard_upload(tx, build)


def imported(tx: Transaction, step: Step) -> None:
    """Record that the source RPM of a build is in its folder, so that its chroots can be built.

    :param tx: transaction to write in.
    :param step: source step of the build.
    :raises NotFound: the build does not exist any more.
    :raises Conflict: the step was cancelled.
    """
    build = builds.get(tx, step.build_id)
    states.source_step(build, "imported")
    for chroot in build.chroots:
        if chroot.state == "waiting":
            states.chroot_step(chroot, "imported")
    builds.step_ended(tx, build)


def chroot_built(tx: Transaction, step: Step, packages: Sequence[Mapping[str, Any]]) -> None:
    """Record that a chroot of a build was built.

    :param tx: transaction to write in.
    :param step: chroot step; its packages are already in the repository.
    :param packages: the built packages, as in `results.json`.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was cancelled.
    """
    chroot = _chroot(tx, step)
    _end(tx, chroot, "built")
    chroot.packages = [dict(package) for package in packages]
    builds.step_ended(tx, chroot.build)


def _end(tx: Transaction, chroot: BuildChroot, happened: str) -> None:
    """Record how and when a step ended: never before it started, even if the clock was set back."""
    chroot.ended_on = max(tx.now, chroot.started_on or 0)
    states.chroot_step(chroot, happened)


def fail(tx: Transaction, step: Step) -> None:
    """Record that a step failed; if it is the source step, all waiting chroots of the build fail too.

    :param tx: transaction to write in.
    :param step: step that failed.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was cancelled.
    """
    build = builds.get(tx, step.build_id)
    if step.chroot is None:
        states.source_step(build, "failed")
        results.discard_upload(tx, build)
        _fail_waiting(build)
    else:
        chroot = _chroot(tx, step)
        _end(tx, chroot, "failed")
    builds.step_ended(tx, build)


def _fail_waiting(build: Build) -> None:
    """Let all chroots of a build fail that wait for its source RPM."""
    for chroot in build.chroots:
        if chroot.state == "waiting":
            states.chroot_step(chroot, "failed")


def abandon(tx: Transaction, step: Step) -> None:
    """Let a step fail that cannot be recorded in any other way, because of an error in this program.

    Only states and times are read and changed here, because other data of the build may cause the error.

    :param tx: transaction to write in.
    :param step: step to abandon.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step has finished.
    """
    only_states = (
        load_only(Build.state, Build.source_state),
        selectinload(Build.chroots).load_only(BuildChroot.state, BuildChroot.started_on),
    )
    build = tx.session.get(Build, step.build_id, options=only_states)
    if build is None:
        raise NotFound(f"Build {step.build_id} does not exist.")
    if step.chroot is None:
        states.source_step(build, "abandoned")
        _fail_waiting(build)
    else:
        chroot = _chroot(tx, step)
        _end(tx, chroot, "abandoned")


def skip(tx: Transaction, step: Step) -> None:
    """Record that this machine cannot build a chroot, and that this does not count as a failure.

    :param tx: transaction to write in.
    :param step: chroot step.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was cancelled.
    """
    chroot = _chroot(tx, step)
    _end(tx, chroot, "skipped")
    builds.step_ended(tx, chroot.build)


def acknowledge_cancel(tx: Transaction, step: Step) -> None:
    """Record that a builder has stopped a cancelled step.

    As in the real Copr frontend, no end time is stored for such a step.

    :param tx: transaction to write in.
    :param step: step that the builder has stopped.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was not cancelled.
    """
    if step.chroot is None:
        build = builds.get(tx, step.build_id)
        states.check_cancelled(build.source_state)
        results.discard_upload(tx, build)
    else:
        states.check_cancelled(_chroot(tx, step).state)


def cancelled(tx: Transaction, steps: Collection[Step]) -> set[Step]:
    """Return the steps that builders should stop.

    :param tx: transaction to read from.
    :param steps: steps that builders work on.
    :returns: the steps that were cancelled, or belong to a deleted build.
    """
    source, chroot = _in_hand()
    builds = {"builds": sorted({step.build_id for step in steps})}
    wanted = {Step(build_id) for build_id in tx.session.scalars(source, builds)}
    wanted |= {Step(build_id, name) for build_id, name in tx.session.execute(chroot, builds)}
    return set(steps) - wanted


@functools.cache
def _in_hand() -> tuple[Select[int], Select[int, str]]:
    """Return the queries for the steps of some builds that are in progress: source steps, and chroots."""
    builds = bindparam("builds", type_=Integer, expanding=True)
    return (
        select(Build.id).where(Build.id.in_(builds), Build.source_state.in_(states.IN_A_BUILDERS_HANDS)),
        select(BuildChroot.build_id, BuildChroot.name).where(
            BuildChroot.build_id.in_(builds), BuildChroot.state.in_(states.IN_A_BUILDERS_HANDS)
        ),
    )


def requeue(tx: Transaction, step: Step) -> None:
    """Put an unfinished step back into the queue; it starts again from the beginning.

    Its results are removed at once and not after the commit, because the next attempt creates the same folder
    and may start right after the commit. After a rollback nothing is lost: the step had not finished.

    :param tx: transaction to write in.
    :param step: step that a builder has claimed or started.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was cancelled, or has finished.
    :raises OSError: the results cannot be moved into the trash.
    """
    build = builds.get(tx, step.build_id)
    if step.chroot is None:
        states.source_step(build, "requeued")
        directory = results.of_source(tx, build)
        build.source_started_on = None
    else:
        chroot = _chroot(tx, step)
        states.chroot_step(chroot, "requeued")
        directory = results.of_chroot(tx, chroot)
        tx.update_repository(results.following(tx, build.dir, chroot.name))
        chroot.started_on = None
    tx.data_folder.discard(directory)


def resume(tx: Transaction, step: Step) -> None:
    """Put an interrupted step back into the queue. Complete results of a chroot are kept.

    The builder that takes the step again finds complete results, and builds nothing. Other results are
    removed, as in `requeue`.

    :param tx: transaction to write in.
    :param step: step that a builder has claimed or started.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was cancelled, or has finished.
    :raises OSError: the results cannot be moved into the trash.
    """
    if step.chroot is not None and complete_results(results.of_chroot(tx, _chroot(tx, step))):
        states.chroot_step(_chroot(tx, step), "requeued")
    else:
        requeue(tx, step)


def recover(tx: Transaction) -> list[Step]:
    """Requeue all steps that were in progress when the previous process died.

    If a source RPM was built but not imported, it is imported. Complete results of a chroot are kept.
    Uploads that no build waits for are removed.

    :param tx: transaction to write in.
    :returns: the requeued steps.
    :raises OSError: files cannot be moved into the trash.
    """
    in_hand = tuple(states.IN_A_BUILDERS_HANDS)
    lost = [
        Step(build_id)
        for build_id in tx.session.scalars(select(Build.id).where(Build.source_state.in_(in_hand)))
    ]
    rows = select(BuildChroot.build_id, BuildChroot.name).where(BuildChroot.state.in_(in_hand))
    lost += [Step(build_id, name) for build_id, name in tx.session.execute(rows)]
    for step in lost:
        resume(tx, step)
    for build_id in tx.session.scalars(select(Build.id).where(Build.source_state == "importing")).all():
        imported(tx, Step(build_id))
    turns.restore(tx)
    waiting = tx.session.scalars(select(Build.source).where(Build.source_state == "pending"))
    tx.data_folder.discard_uploads(keep=[source["tmp"] for source in waiting if "tmp" in source])
    return lost


def _chroot(tx: Transaction, step: Step) -> BuildChroot:
    """Return the chroot of a step; raise `NotFound` if it does not exist any more."""
    chroot = tx.session.get(BuildChroot, (step.build_id, step.chroot))
    if chroot is None:
        raise NotFound(f"Build {step.build_id} has no chroot {step.chroot}.")
    return chroot
