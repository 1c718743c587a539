"""The turns of projects: which project waits longest for a builder.

Each project with unfinished builds has a row in the table `turn`. So the next step is found by reading that
table in its order, up to the first project that has a step to build. This takes no longer with more
builds and projects.
"""

from __future__ import annotations

from sqlalchemy import bindparam, text

from ..data.database import Transaction
from . import states

_ENTER = text(
    "INSERT INTO turn (project_id, number) VALUES (:project, 0) ON CONFLICT (project_id) DO NOTHING"
)

_RESTORE = text(
    "INSERT INTO turn (project_id, number)"
    " SELECT project_id, 0 FROM build WHERE state IN :unfinished"
    " AND project_id NOT IN (SELECT project_id FROM turn)"
    " GROUP BY project_id ORDER BY min(id)"
).bindparams(bindparam("unfinished", expanding=True))

_LEAVE = text(
    "DELETE FROM turn WHERE number < (SELECT number FROM turn WHERE project_id = :project) AND NOT EXISTS ("
    "SELECT * FROM build WHERE build.project_id = turn.project_id AND build.state IN :unfinished)"
).bindparams(bindparam("unfinished", expanding=True))

_TAKE = text("UPDATE turn SET number = (SELECT max(number) + 1 FROM turn) WHERE project_id = :project")


def enter(tx: Transaction, project_id: int) -> None:
    """Let a project take part, before it gets its first unfinished build.

    :param tx: transaction to write in.
    :param project_id: id of the project; it may take part already.
    """
    tx.session.execute(_ENTER, {"project": project_id})


def take(tx: Transaction, project_id: int) -> None:
    """Record that a project has its turn now.

    Projects that were skipped because they have no unfinished builds are removed. They lose nothing: of all
    projects, their last turns were the longest ago.

    :param tx: transaction to write in.
    :param project_id: id of the project.
    """
    tx.session.execute(_LEAVE, {"project": project_id, "unfinished": sorted(states.UNFINISHED)})
    tx.session.execute(_TAKE, {"project": project_id})


def restore(tx: Transaction) -> None:
    """Let all projects with unfinished builds take part, for example after an upgrade.

    :param tx: transaction to write in.
    """
    tx.session.execute(_RESTORE, {"unfinished": sorted(states.UNFINISHED)})
