"""The deletion of builds in pieces: no transaction deletes many of them, so other writers do not wait long.

Builds that have finished stay finished, so they are checked once, before the first piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, select
from sqlalchemy.orm import joinedload

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, Package, Project, User
from . import listing, permissions, pieces, results, states
from .errors import Invalid

PIECE = 50  # builds that one transaction deletes with their results, if they have few chroots
ROWS = 2_000  # rows that one transaction deletes, if their files are removed with their project
_AT_ONCE = 500  # ids in one query


def delete_many(tx: Transaction, caller: User, build_ids: Iterable[int]) -> None:
    """Delete several builds and their results. If one of them cannot be deleted, all stay.

    :param tx: transaction that deletes the first piece; those that follow it delete the others.
    :param caller: user who sent the request.
    :param build_ids: ids of the builds; duplicates are ignored.
    :raises Invalid: some cannot be deleted, see `check_deletion`.
    """
    wanted = list(dict.fromkeys(build_ids))
    check_deletion(tx, caller, wanted)
    _discard_listed(tx, wanted)


def _discard_listed(tx: Transaction, build_ids: Sequence[int]) -> None:
    """Delete the first builds of a list; the next transaction continues."""
    some = _first(tx, build_ids)
    _discard(tx, some)
    if rest := build_ids[len(some) :]:
        tx.then(partial(_discard_listed, build_ids=rest))


def check_deletion(tx: Transaction, caller: User, build_ids: Sequence[int]) -> None:
    """Check that a user can delete several builds.

    :param tx: transaction to read in.
    :param caller: user who sent the request.
    :param build_ids: ids of the builds.
    :raises Invalid: some do not exist, have not finished, or may not be deleted by the user.
    """
    found = _states(tx, [build_id for build_id in build_ids if abs(build_id) <= listing.LARGEST])
    projects = {project_id for _, project_id in found.values()}
    own = {each for each in projects if may_delete(caller, tx.session.get_one(Project, each))}
    foreign = [build_id for build_id in build_ids if build_id in found and found[build_id][1] not in own]
    others = {build_id for build_id, (state, _) in found.items() if state in states.FINISHED}.union(foreign)
    running = [build_id for build_id in build_ids if build_id in found and build_id not in others]
    missing = [build_id for build_id in build_ids if build_id not in found]
    lines = [
        f"You don't have permissions to delete build(s) {numbers(foreign)}.\n" if foreign else "",
        still_running(running) if running else "",
        f"Build(s) {numbers(missing)} don't exist.\n" if missing else "",
    ]
    if any(lines):
        raise Invalid("".join(lines))


def _states(tx: Transaction, build_ids: Sequence[int]) -> dict[int, tuple[str, int]]:
    """Return the state and the project's id of each build that exists, by build id."""
    found = {}
    for start in range(0, len(build_ids), _AT_ONCE):
        wanted = Build.id.in_(build_ids[start : start + _AT_ONCE])
        for row in tx.session.execute(select(Build.id, Build.state, Build.project_id).where(wanted)):
            found[row.id] = row.state, row.project_id
    return found


def may_delete(caller: User, project: Project) -> bool:
    """Return True if a user may delete the builds of a project.

    :param caller: user who sent the request.
    :param project: the project.
    :returns: False also if the project is protected against deletion.
    """
    return permissions.can_edit(caller, project) and not project.persistent


def check_none_running(tx: Transaction, project: Project) -> None:
    """Check that a project has no unfinished builds.

    :param tx: transaction to read in.
    :param project: the project.
    :raises Invalid: some of its builds have not finished.
    """
    if running := unfinished(tx, Build.project_id == project.id):
        raise Invalid(still_running(running))


def unfinished(tx: Transaction, which: ColumnElement[bool]) -> Sequence[int]:
    """Return the ids of builds that have not finished.

    :param tx: transaction to read in.
    :param which: condition that the builds meet.
    :returns: the ids, smallest first.
    """
    query = select(Build.id).where(which, Build.state.in_(states.UNFINISHED)).order_by(Build.id)
    return tx.session.scalars(query).all()


def still_running(build_ids: Iterable[int]) -> str:
    """Return the error text for builds that have not finished.

    :param build_ids: ids of the builds.
    :returns: the text, a line.
    """
    return f"Build(s) {numbers(build_ids)} are still running.\n"


def numbers(build_ids: Iterable[int]) -> str:
    """Return ids for an error text.

    :param build_ids: the ids.
    :returns: the ids, with commas between them.
    """
    return ", ".join(str(build_id) for build_id in build_ids)


def discard_some(tx: Transaction, build_ids: Select[int]) -> bool:
    """Delete the first builds of a query and their results, without any check.

    :param tx: transaction to write in; the files are removed after its commit.
    :param build_ids: query that selects ids of builds.
    :returns: True if the query may find more builds than one transaction deletes.
    """
    wanted = tx.session.scalars(build_ids.limit(PIECE)).all()
    some = _first(tx, wanted)
    _discard(tx, some)
    return len(wanted) == PIECE or len(some) < len(wanted)


def _first(tx: Transaction, build_ids: Sequence[int]) -> Sequence[int]:
    """Return the first ids of a list: as many builds as one transaction deletes."""
    some = build_ids[:PIECE]
    counts = select(func.count()).where(BuildChroot.build_id.in_(some)).group_by(BuildChroot.build_id)
    return some[: pieces.size(PIECE, max(tx.session.scalars(counts), default=0))]


def _discard(tx: Transaction, build_ids: Sequence[int]) -> None:
    """Delete builds and their results."""
    query = (
        select(Build)
        .where(Build.id.in_(build_ids))
        .options(
            joinedload(Build.project),
            joinedload(Build.dir),
            joinedload(Build.package),
            joinedload(Build.chroots),
        )
    )
    for build in tx.session.scalars(query).unique():
        results.discard_upload(tx, build)
        results.discard_source(tx, build)
        for chroot in build.chroots:
            results.discard_chroot(tx, chroot)
    tx.session.execute(delete(Build).where(Build.id.in_(build_ids)))  # with their chroots: ON DELETE CASCADE


def remove_rows(tx: Transaction, table: type[Build] | type[Package], which: ColumnElement[bool]) -> bool:
    """Delete some builds or packages, but not their files.

    :param tx: transaction to write in.
    :param table: the table.
    :param which: condition that the rows meet.
    :returns: True if there may be more rows than one transaction deletes.
    """
    some = select(table.id).where(which).limit(ROWS)
    made: Any = tx.session.execute(delete(table).where(table.id.in_(some)))
    return bool(made.rowcount == ROWS)
