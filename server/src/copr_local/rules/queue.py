"""The queue: what builders take from it, and what they bring back.

- A step is the source step of a build (`chroot` is None) or one of its chroots. Background builds come
  last. Otherwise projects take turns: next is the one with the fewest steps in builders' hands, of these
  the one whose last turn is longest ago; and in a project the oldest build.
- The builds of a batch wait until the batch that blocks theirs is over.
- Every function is one transition of `rules.states`, with what belongs to it; its caller commits it.
- A step may have been cancelled while a builder was at it, or its build deleted. Whoever brings something
  back then gets `Conflict` or `NotFound`, and drops what was made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased, load_only, selectinload

from ..data.database import Transaction
from ..data.models import Batch, Build, BuildChroot
from ..filesystem.layout import complete_results
from . import builds, chroots, packages, results, states
from .errors import NotFound


@dataclass(frozen=True)
class Step:
    """The source step of a build, or the build of one chroot."""

    build_id: int
    chroot: str | None = None


def next_step(tx: Transaction, turns: Mapping[int, int]) -> Step | None:
    """The step whose turn it is, if any step waits for a builder.

    :param turns: when projects, by their ids, had their last turns; those that never had one are left out.
    """
    waiting = [
        select(Build.project_id, Build.is_background, func.min(Build.id))
        .where(Build.source_state == "pending", _not_blocked())
        .group_by(Build.project_id, Build.is_background),
        select(Build.project_id, Build.is_background, func.min(Build.id))
        .join(BuildChroot.build)
        .where(BuildChroot.state == "pending", _not_blocked())
        .group_by(Build.project_id, Build.is_background),
    ]
    found = [tuple(row) for query in waiting for row in tx.session.execute(query)]
    if not found:
        return None
    at_work = _at_work(tx)
    _, _, _, build_id = min(
        (is_background, at_work[project], turns.get(project, 0), build_id)
        for project, is_background, build_id in found
    )
    pending = select(func.min(BuildChroot.name)).where(
        BuildChroot.build_id == build_id, BuildChroot.state == "pending"
    )
    return Step(build_id, tx.session.scalar(pending))


def _at_work(tx: Transaction) -> Counter[int]:
    """How many steps of each project are in builders' hands."""
    source = select(Build.project_id).where(Build.source_state.in_(states.IN_A_BUILDERS_HANDS))
    chroots = (
        select(Build.project_id)
        .join(BuildChroot.build)
        .where(BuildChroot.state.in_(states.IN_A_BUILDERS_HANDS))
    )
    return Counter([*tx.session.scalars(source), *tx.session.scalars(chroots)])


def _not_blocked() -> Any:
    blocking = aliased(Build)
    return or_(
        Build.batch_id.is_(None),
        ~exists()
        .where(Batch.id == Build.batch_id)
        .where(blocking.batch_id == Batch.blocked_by_id)
        .where(blocking.state.not_in(states.FINISHED)),
    )


def claim(tx: Transaction, step: Step) -> int:
    """Take a step out of the queue, for a builder; the id of the project whose turn it was."""
    build = builds.get(tx, step.build_id)
    if step.chroot is None:
        states.source_step(build, "claimed")
    else:
        chroot = _chroot(tx, step)
        states.chroot_step(chroot, "claimed")
        chroot.started_on = tx.now
    return build.project_id


def begin(tx: Transaction, step: Step) -> None:
    """A builder begins with a step that was claimed."""
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
    """The source step of a build made a source RPM.

    :param version: with the release, "1.0-1".
    :param srpm: the file's name.
    :param srpm_digest: the file's SHA-1, in hexadecimal digits. Clients of old know it as the commit in a
        dist-git that a build was imported as; here nothing is imported but the file.
    """
    build = builds.get(tx, step.build_id)
    states.source_step(build, "built")
    build.package = packages.of_build(tx, build, package)
    build.version = version
    build.srpm, build.srpm_digest = srpm, srpm_digest
    if not build.chroots:
        names = packages.chroots_of(build.package)
        build.chroots = [BuildChroot(name=name, state="waiting") for name in names]
    for chroot in build.chroots:
        if chroots.is_excluded(chroot.name, exclusive_arch, exclude_arch):
            states.chroot_step(chroot, "excluded")
    results.discard_upload(tx, build)


def imported(tx: Transaction, step: Step) -> None:
    """The source RPM of a build is in its place: its chroots can be built."""
    build = builds.get(tx, step.build_id)
    states.source_step(build, "imported")
    for chroot in build.chroots:
        if chroot.state == "waiting":
            states.chroot_step(chroot, "imported")
    builds.step_ended(tx, build)


def chroot_built(tx: Transaction, step: Step, packages: Sequence[Mapping[str, Any]]) -> None:
    """A chroot of a build was built; its packages are in the repository already."""
    chroot = _chroot(tx, step)
    states.chroot_step(chroot, "built")
    _end(tx, chroot)
    chroot.packages = [dict(package) for package in packages]
    builds.step_ended(tx, chroot.build)


def _end(tx: Transaction, chroot: BuildChroot) -> None:
    """Note when a step ended: never before it began, also where the clock was set back meanwhile."""
    chroot.ended_on = max(tx.now, chroot.started_on or 0)


def fail(tx: Transaction, step: Step) -> None:
    """A step failed; without a source RPM every chroot of the build has failed."""
    build = builds.get(tx, step.build_id)
    if step.chroot is None:
        states.source_step(build, "failed")
        results.discard_upload(tx, build)
        _fail_waiting(build)
    else:
        chroot = _chroot(tx, step)
        states.chroot_step(chroot, "failed")
        _end(tx, chroot)
    builds.step_ended(tx, build)


def _fail_waiting(build: Build) -> None:
    for chroot in build.chroots:
        if chroot.state == "waiting":
            states.chroot_step(chroot, "failed")


def abandon(tx: Transaction, step: Step) -> None:
    """End a step as failed that something in its build, or in what follows from its end, keeps from going on.

    So nothing but its state is read or changed.

    :raises NotFound: there is no such step any more.
    :raises Conflict: it is over.
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
        states.chroot_step(chroot, "abandoned")
        _end(tx, chroot)


def skip(tx: Transaction, step: Step) -> None:
    """This machine cannot build a chroot, and is not to call that a failure."""
    chroot = _chroot(tx, step)
    states.chroot_step(chroot, "skipped")
    _end(tx, chroot)
    builds.step_ended(tx, chroot.build)


def acknowledge_cancel(tx: Transaction, step: Step) -> None:
    """A builder has ended a step that was cancelled; as in the original such a step has no time of its end.

    :raises Conflict: it was not.
    """
    if step.chroot is None:
        build = builds.get(tx, step.build_id)
        states.check_cancelled(build.source_state)
        results.discard_upload(tx, build)
    else:
        states.check_cancelled(_chroot(tx, step).state)


def cancelled(tx: Transaction, steps: Collection[Step]) -> set[Step]:
    """Those of the steps in builders' hands that were cancelled, or whose build is gone."""
    source = select(Build.id).where(
        Build.id.in_([step.build_id for step in steps if step.chroot is None]),
        Build.source_state.in_(states.IN_A_BUILDERS_HANDS),
    )
    chroot = select(BuildChroot.build_id, BuildChroot.name).where(
        tuple_(BuildChroot.build_id, BuildChroot.name).in_(
            [(step.build_id, step.chroot) for step in steps if step.chroot is not None]
        ),
        BuildChroot.state.in_(states.IN_A_BUILDERS_HANDS),
    )
    wanted = {Step(build_id) for build_id in tx.session.scalars(source)}
    wanted |= {Step(build_id, name) for build_id, name in tx.session.execute(chroot)}
    return set(steps) - wanted


def requeue(tx: Transaction, step: Step) -> None:
    """Put a step that did not come to its end back, to be done again from the beginning.

    What it made is taken away at once: the next attempt, which makes the same folder, may begin with the
    commit. If there is none, nothing is lost, since the step is not over.
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


def recover(tx: Transaction) -> list[Step]:
    """Put back whatever was in the hands of a process that died; the steps that will be done again.

    A source RPM that was made but not yet imported is imported. A chroot whose results are complete keeps
    them: who takes it out of the queue finds them, and has nothing to build. Uploads that no build waits for
    are removed.
    """
    in_hand = tuple(states.IN_A_BUILDERS_HANDS)
    lost = [
        Step(build_id)
        for build_id in tx.session.scalars(select(Build.id).where(Build.source_state.in_(in_hand)))
    ]
    rows = select(BuildChroot.build_id, BuildChroot.name).where(BuildChroot.state.in_(in_hand))
    lost += [Step(build_id, name) for build_id, name in tx.session.execute(rows)]
    for step in lost:
        if step.chroot is not None and complete_results(results.of_chroot(tx, _chroot(tx, step))):
            states.chroot_step(_chroot(tx, step), "requeued")
        else:
            requeue(tx, step)
    for build_id in tx.session.scalars(select(Build.id).where(Build.source_state == "importing")).all():
        imported(tx, Step(build_id))
    waiting = tx.session.scalars(select(Build.source).where(Build.source_state == "pending"))
    tx.data_folder.discard_uploads(keep=[source["tmp"] for source in waiting if "tmp" in source])
    return lost


def _chroot(tx: Transaction, step: Step) -> BuildChroot:
    chroot = tx.session.get(BuildChroot, (step.build_id, step.chroot))
    if chroot is None:
        raise NotFound(f"Build {step.build_id} has no chroot {step.chroot}.")
    return chroot
