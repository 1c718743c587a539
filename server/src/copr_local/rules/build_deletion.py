"""The deletion of many builds at once: they are checked in sets, before anything is locked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..data.database import Transaction
from ..data.models import Build, User
from . import builds, listing, states
from .errors import Invalid

_AT_ONCE = 500  # ids in one query


def delete_many(tx: Transaction, caller: User, build_ids: Iterable[int]) -> None:
    """Delete several builds and their results. If one of them cannot be deleted, all stay.

    :param tx: transaction to write in; the files are removed after its commit.
    :param caller: user who sent the request.
    :param build_ids: ids of the builds; duplicates are ignored.
    :raises Invalid: some cannot be deleted, see `check_deletion`.
    """
    for build in check_deletion(tx, caller, build_ids):
        builds.discard(tx, build)


def check_deletion(tx: Transaction, caller: User, build_ids: Iterable[int]) -> list[Build]:
    """Check that a user can delete several builds.

    :param tx: transaction to read in.
    :param caller: user who sent the request.
    :param build_ids: ids of the builds; duplicates are ignored.
    :returns: the builds, in the order of their ids in the request.
    :raises Invalid: some do not exist, have not finished, or may not be deleted by the user.
    """
    wanted = list(dict.fromkeys(build_ids))
    possible = [build_id for build_id in wanted if abs(build_id) <= listing.LARGEST]
    found = {b.id: b for part in batched(possible, _AT_ONCE) for b in builds.some(tx, part)}
    known = [found[build_id] for build_id in wanted if build_id in found]
    missing = [build_id for build_id in wanted if build_id not in found]
    foreign = [build.id for build in known if not builds.may_delete(caller, build)]
    others = set(foreign)
    running = [b.id for b in known if b.state not in states.FINISHED and b.id not in others]
    lines = [
        f"You don't have permissions to delete build(s) {builds.numbers(foreign)}.\n" if foreign else "",
        builds.still_running(running) if running else "",
        f"Build(s) {builds.numbers(missing)} don't exist.\n" if missing else "",
    ]
    if any(lines):
        raise Invalid("".join(lines))
    return known


def batched(values: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Divide a list into parts.

    :param values: the list.
    :param size: number of values in each part; the last part can have fewer.
    :returns: the parts.
    """
    return (values[start : start + size] for start in range(0, len(values), size))
