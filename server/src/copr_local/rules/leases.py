"""Leases: how long a worker may be silent before the steps that it has claimed are requeued.

A worker renews the leases of its steps long before they end. If it is frozen, cut off or dead, they end, and
another worker requeues the steps. What the first one reports later is refused, see `queue.check_claim`.
"""

from __future__ import annotations

import math
from collections.abc import Collection

from sqlalchemy import update

from ..data.database import Transaction
from ..data.models import Build, BuildChroot
from . import states, step_states
from .queue import Step

LEASE = 30.0  # seconds


def renew(tx: Transaction, steps: Collection[Step]) -> None:
    """Renew the leases of steps; those of lost claims stay as they are.

    :param tx: transaction to write in.
    :param steps: steps that the builders of a worker have claimed.
    """
    until = {"lease_until": math.ceil(tx.time + LEASE)}
    for step in steps:
        if step.chroot is None:
            change = update(Build).where(Build.id == step.build_id, Build.claim == step.claim)
        else:
            change = update(BuildChroot).where(
                BuildChroot.build_id == step.build_id,
                BuildChroot.name == step.chroot,
                BuildChroot.claim == step.claim,
            )
        tx.session.execute(change.values(until))


def expired(tx: Transaction) -> set[Step]:
    """Return the steps in progress whose leases have ended, and source steps that were not imported.

    :param tx: transaction to read from.
    :returns: the steps, with the numbers of their claims.
    """
    in_hand = states.IN_A_BUILDERS_HANDS | {"importing"}
    return set(step_states.steps_in(tx, in_hand, lambda row: row.lease_until < tx.time))
