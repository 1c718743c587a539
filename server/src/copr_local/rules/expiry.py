"""What ends by itself: temporary projects (`delete_after_days`), and chroots that projects have dropped.

Neither goes while builds of it are not over, nor a project that is protected against deletion: it is looked
at again the next time.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, or_, select

from ..db import Transaction
from ..models import Build, BuildChroot, Project, ProjectChroot
from . import projects, results, states


def is_anything_due(tx: Transaction) -> bool:
    """Whether there is anything whose time is over."""
    return bool(_projects(tx) or _chroots(tx))


def remove_due(tx: Transaction) -> None:
    """Remove everything whose time is over, with its results."""
    for project in _projects(tx):
        projects.remove(tx, project)
    for chroot in _chroots(tx):
        for directory in chroot.project.dirs:
            tx.discard(results.repository(tx, directory, chroot.name))
        chroot.project.all_chroots.remove(chroot)
    tx.session.flush()


def _projects(tx: Transaction) -> Sequence[Project]:
    unfinished = exists().where(Build.project_id == Project.id, Build.state.not_in(states.FINISHED))
    due = select(Project).where(Project.delete_after <= tx.now, ~Project.persistent, ~unfinished)
    return tx.session.scalars(due).all()


def _chroots(tx: Transaction) -> Sequence[ProjectChroot]:
    unfinished = (
        exists()
        .where(Build.project_id == ProjectChroot.project_id, Build.id == BuildChroot.build_id)
        .where(BuildChroot.name == ProjectChroot.name)
        .where(or_(BuildChroot.state.not_in(states.FINISHED), Build.state.not_in(states.FINISHED)))
    )
    due = select(ProjectChroot).where(ProjectChroot.delete_after <= tx.now, ~unfinished)
    return tx.session.scalars(due).all()
