"""The states of steps, for those who have nothing else to read about them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sqlalchemy import ColumnElement, func, literal, null, select

from ..data.database import Transaction
from ..data.models import Build, BuildChroot
from . import states
from .queue import Step

SOURCE = "source"  # in place of the architecture of a source step


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


def steps_in(
    tx: Transaction,
    wanted: Collection[str],
    condition: Callable[[type[Build] | type[BuildChroot]], ColumnElement[bool]],
) -> list[Step]:
    """Return the steps in some states for which a condition is true.

    :param tx: transaction to read from.
    :param wanted: the states.
    :param condition: returns the condition for a table with claims; it is called for both.
    :returns: the source steps, and then the chroots, with the numbers of their claims.
    """
    queries = (
        select(Build.id, null(), Build.claim).where(Build.source_state.in_(wanted), condition(Build)),
        select(BuildChroot.build_id, BuildChroot.name, BuildChroot.claim).where(
            BuildChroot.state.in_(wanted), condition(BuildChroot)
        ),
    )
    return [Step(*row) for query in queries for row in tx.session.execute(query)]


def unfinished(tx: Transaction) -> Mapping[tuple[str, str], int]:
    """Return how many steps have not finished.

    :param tx: transaction to read from.
    :returns: numbers of steps by architecture and state; the architecture of source steps is `SOURCE`.
    """
    wanted = sorted(states.UNFINISHED)
    queries = (
        select(literal(SOURCE), Build.source_state, func.count())
        .where(Build.source_state.in_(wanted))
        .group_by(Build.source_state),
        select(BuildChroot.arch, BuildChroot.state, func.count())
        .where(BuildChroot.state.in_(wanted))
        .group_by(BuildChroot.arch, BuildChroot.state),
    )
    return {(arch, state): number for query in queries for arch, state, number in tx.session.execute(query)}


def _state(tx: Transaction, step: Step) -> str | None:
    """Return the state of a step; None if it does not exist."""
    if step.chroot is None:
        return tx.session.scalar(select(Build.source_state).where(Build.id == step.build_id))
    where = BuildChroot.build_id == step.build_id, BuildChroot.name == step.chroot
    return tx.session.scalar(select(BuildChroot.state).where(*where))
