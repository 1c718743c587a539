"""What became of a step, for those who have nothing else to read about it."""

from __future__ import annotations

from sqlalchemy import select

from ..data.database import Transaction
from ..data.models import Build, BuildChroot
from . import states
from .queue import Step


def is_waiting(tx: Transaction, step: Step) -> bool:
    """Return True if a step waits for a builder.

    :param tx: transaction to read from.
    :param step: the step.
    :returns: False also if it does not exist any more.
    """
    return _state(tx, step) == "pending"


def has_ended(tx: Transaction, step: Step) -> bool:
    """Return True if the end of a step is recorded.

    :param tx: transaction to read from.
    :param step: the step, which a builder has claimed.
    :returns: False if a builder has it, or has to end it because it was cancelled.
    """
    return _state(tx, step) not in states.IN_A_BUILDERS_HANDS | {"canceled"}


def _state(tx: Transaction, step: Step) -> str | None:
    """Return the state of a step; None if it does not exist."""
    if step.chroot is None:
        return tx.session.scalar(select(Build.source_state).where(Build.id == step.build_id))
    where = BuildChroot.build_id == step.build_id, BuildChroot.name == step.chroot
    return tx.session.scalar(select(BuildChroot.state).where(*where))
