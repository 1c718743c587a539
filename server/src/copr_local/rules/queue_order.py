"""The order of the queue: which step a builder takes next.

- Background builds come last. Other builds are taken in turns (`turns.py`): from the project with the fewest
  steps in progress, and of these from the one that has waited longest since its last turn. In a project the
  oldest build comes first.
- The builds of a batch wait until the batch that blocks theirs has finished.
- A builder takes steps of chroots for its architectures, and source steps of all builds. It can also be
  limited to chroots that match patterns.

The query reads the first rows of indexes, and never all waiting steps. A database reads one index from value
to value if a recursive query asks for the smallest value after the last one.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

from sqlalchemy import String, TextClause, bindparam, func, select, text

from ..data.database import Transaction
from ..data.models import BuildChroot, MockChroot
from ..filesystem.layout import SOURCE_BUILDS
from . import states
from .queue import Step

# The oldest build of the project `turn.project_id` that has a step for a builder; NULL if it has none.
# Each part asks for the first row in the order of an index. It names the last column of the index that it
# limits in ORDER BY, too, and limits it by a range if it is one value: else PostgreSQL takes the order of the
# primary key, and reads all builds that have finished.
_OLDEST = """(
    WITH RECURSIVE waiting_batch (id) AS (
        SELECT CAST(0 AS BIGINT)
        UNION ALL
        SELECT (
            SELECT batch_id FROM build
            WHERE source_state = 'pending' AND is_background = :background
                AND project_id = turn.project_id AND batch_id > waiting_batch.id
            ORDER BY batch_id, id LIMIT 1
        ) FROM waiting_batch WHERE id IS NOT NULL
    ),
    waiting_arch (name) AS (
        SELECT CAST('' AS VARCHAR)
        UNION ALL
        SELECT (
            SELECT arch FROM build_chroot
            WHERE state = 'pending' AND is_background = :background
                AND project_id = turn.project_id AND arch > waiting_arch.name
            ORDER BY arch, build_id LIMIT 1
        ) FROM waiting_arch WHERE name IS NOT NULL
    ),
    oldest (build_id) AS (
        SELECT * FROM (
            SELECT id FROM build
            WHERE source_state = 'pending' AND is_background = :background
                AND project_id = turn.project_id AND batch_id IS NULL AND :sources
            ORDER BY batch_id, id LIMIT 1
        ) AS without_batch
        UNION ALL
        SELECT (
            SELECT build.id FROM build
            WHERE source_state = 'pending' AND is_background = :background AND project_id = turn.project_id
                AND batch_id >= waiting_batch.id AND batch_id <= waiting_batch.id
            ORDER BY batch_id, id LIMIT 1
        ) FROM waiting_batch
        WHERE :sources AND id > 0 AND NOT EXISTS (
            SELECT * FROM batch JOIN build AS blocking ON blocking.batch_id = batch.blocked_by_id
            WHERE batch.id = waiting_batch.id AND blocking.state IN :unfinished
        )
        UNION ALL
        SELECT (
            SELECT build_id FROM build_chroot
            WHERE state = 'pending' AND is_background = :background AND project_id = turn.project_id
                AND arch >= waiting_arch.name AND arch <= waiting_arch.name
                AND (:any_chroot OR build_chroot.name IN :chroots)
            ORDER BY arch, build_id LIMIT 1
        ) FROM waiting_arch WHERE name > '' AND (:any_arch OR name IN :arches)
    )
    SELECT min(build_id) FROM oldest
)"""

_NEXT = f"""
WITH in_progress (project_id, steps) AS (
    SELECT project_id, count(*) FROM (
        SELECT project_id FROM build WHERE source_state IN :in_hand
        UNION ALL
        SELECT project_id FROM build_chroot WHERE state IN :in_hand
    ) AS step GROUP BY project_id
),
idle (steps, number, id, build_id) AS (
    SELECT 0, number, id, build_id FROM (
        SELECT number, id, {_OLDEST} AS build_id FROM turn
        WHERE project_id NOT IN (SELECT project_id FROM in_progress)
    ) AS waiting
    WHERE build_id IS NOT NULL ORDER BY number, id LIMIT 1
),
busy (steps, number, id, build_id) AS (
    SELECT in_progress.steps, turn.number, turn.id, {_OLDEST}
    FROM in_progress JOIN turn ON turn.project_id = in_progress.project_id
)
SELECT build_id FROM (SELECT * FROM idle UNION ALL SELECT * FROM busy) AS candidate
WHERE build_id IS NOT NULL ORDER BY steps, number, id LIMIT 1
"""  # noqa: S608 - made of constants


# The queue is polled after each commit, and a query takes longer to make than to run: so it is made once.
@functools.cache
def _next() -> TextClause:
    """Return the query for the build whose step comes next."""
    return text(_NEXT).bindparams(
        bindparam("arches", type_=String, expanding=True),
        bindparam("chroots", type_=String, expanding=True),
        bindparam("unfinished", sorted(states.UNFINISHED), expanding=True),
        bindparam("in_hand", sorted(states.IN_A_BUILDERS_HANDS), expanding=True),
    )


def next_step(
    tx: Transaction, arches: Collection[str] | None = None, limits: Sequence[Collection[str]] = ()
) -> Step | None:
    """Return the step that a builder should take next.

    :param tx: transaction to read from.
    :param arches: architectures of chroots that the builder can build for, such as "x86_64"; None for all.
    :param limits: lists of patterns of chroots, such as "epel-*". A chroot has to match one pattern of each
        list that is not empty. A source step counts as the chroot "srpm-builds".
    :returns: the step; None if no step waits for such a builder.
    """
    is_limited = any(limits)
    known = tx.session.scalars(select(MockChroot.name)) if is_limited else ()
    chroots = [name for name in known if _matches(name, limits)]
    wanted = {
        "any_arch": arches is None,
        "arches": sorted(arches or ()),
        "any_chroot": not is_limited,
        "chroots": chroots,
        "sources": _matches(SOURCE_BUILDS, limits),
    }
    for is_background in (False, True):
        build_id = tx.session.scalar(_next(), {"background": is_background, **wanted})
        if build_id is not None:
            return _step_of(tx, build_id, arches, chroots if is_limited else None)
    return None


def _matches(name: str, limits: Sequence[Collection[str]]) -> bool:
    return all(any(fnmatchcase(name, each) for each in patterns) for patterns in limits if patterns)


def _step_of(
    tx: Transaction, build_id: int, arches: Collection[str] | None, chroots: Collection[str] | None
) -> Step:
    """Return the first waiting step of a build."""
    pending = select(func.min(BuildChroot.name)).where(
        BuildChroot.build_id == build_id, BuildChroot.state == "pending"
    )
    if arches is not None:
        pending = pending.where(BuildChroot.arch.in_(arches))
    if chroots is not None:
        pending = pending.where(BuildChroot.name.in_(chroots))
    return Step(build_id, tx.session.scalar(pending))
