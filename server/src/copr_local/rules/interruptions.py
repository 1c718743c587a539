"""Interrupted steps: they are requeued, or their complete results are kept."""

from __future__ import annotations

import math
from dataclasses import replace

from sqlalchemy import select, update

from ..data.database import Transaction
from ..data.models import Build, BuildChroot
from ..filesystem.layout import complete_results
from . import queue, results, states, step_states, turns
from .leases import LEASE
from .queue import Step


def requeue(tx: Transaction, step: Step) -> None:
    """Put an unfinished step back into the queue; it starts again from the beginning.

    Its results are removed at once and not after the commit, because the next attempt creates the same folder
    and may start right after the commit. After a rollback nothing is lost: the step had not finished.

    :param tx: transaction to write in.
    :param step: step that a builder has claimed or started.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was cancelled, or has finished.
    :raises Overtaken: the builder has lost the claim.
    :raises OSError: the results cannot be moved into the trash.
    """
    if step.chroot is None:
        build = queue.build_of(tx, step)
        states.source_step(tx, build, "requeued")
        build.claim += 1
        directory = results.of_source(tx, build)
        build.source_started_on = build.source_ended_on = None
    else:
        chroot = queue.chroot_of(tx, step)
        _requeue_chroot(tx, chroot)
        directory = results.of_chroot(tx, chroot)
        tx.update_repository(results.following(tx, chroot.build.dir, chroot.name))
        chroot.started_on = None
    tx.data_folder.discard(directory)


def _requeue_chroot(tx: Transaction, chroot: BuildChroot) -> None:
    """Put a chroot back into the queue; the last claim ends with that."""
    states.chroot_step(tx, chroot, "requeued")
    chroot.claim += 1


def resume(tx: Transaction, step: Step) -> None:
    """Put an interrupted step back into the queue. Complete results of a chroot are kept.

    The builder that takes the step again finds complete results, and builds nothing. Other results are
    removed, as in `requeue`. A source RPM that was built is imported.

    :param tx: transaction to write in.
    :param step: step that a builder has claimed or started.
    :raises NotFound: the build or the chroot does not exist any more.
    :raises Conflict: the step was cancelled, or has finished.
    :raises Overtaken: the builder has lost the claim.
    :raises OSError: the results cannot be moved into the trash.
    """
    if step.chroot is None and queue.build_of(tx, step).source_state == "importing":
        queue.imported(tx, step)
    elif step.chroot is not None and complete_results(results.of_chroot(tx, queue.chroot_of(tx, step))):
        _requeue_chroot(tx, queue.chroot_of(tx, step))
    else:
        requeue(tx, step)


def recover(tx: Transaction, lease: float = LEASE) -> list[Step]:
    """Requeue all steps that the builders of service processes had in progress when these died.

    Call this only while no service process builds.
    Builders on other machines go on with theirs; each gets time to be heard before its lease ends.
    If a source RPM was built but not imported, it is imported. Complete results of a chroot are kept.
    Uploads that no build waits for are removed.

    :param tx: transaction to write in.
    :param lease: seconds until the leases of builders on other machines end.
    :returns: the requeued steps.
    :raises OSError: files cannot be moved into the trash.
    """
    in_hand, until = states.IN_A_BUILDERS_HANDS, {"lease_until": math.ceil(tx.time + lease)}
    for row, state in ((Build, Build.source_state), (BuildChroot, BuildChroot.state)):
        elsewhere = update(row).where(state.in_(in_hand), row.builder.is_not(None))
        tx.session.execute(elsewhere.values(until))
    claimed = step_states.steps_in(tx, in_hand, lambda row: row.builder.is_(None))
    lost = [replace(step, claim=None) for step in claimed]  # nobody has these claims any more
    for step in lost:
        resume(tx, step)
    for build_id in tx.session.scalars(select(Build.id).where(Build.source_state == "importing")).all():
        queue.imported(tx, Step(build_id))
    turns.restore(tx)  # a database of an older version has none
    waiting = tx.session.scalars(select(Build.source).where(Build.source_state == "pending"))
    tx.data_folder.discard_uploads(keep=[source["tmp"] for source in waiting if "tmp" in source])
    return lost
