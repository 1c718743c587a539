"""The deletion of several builds by one request."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..data.database import Transaction
from ..data.models import User
from ..rules import build_deletion, limits
from .context import reading, writing


def delete(caller: Callable[[Transaction], User], build_ids: Sequence[int]) -> None:
    """Delete builds with their results. If one of them cannot be deleted, all stay.

    They are checked before anything is locked. Other requests can write in between: no transaction deletes
    many builds.

    :param caller: returns the user who sent the request, in a transaction.
    :param build_ids: ids of the builds; duplicates are ignored.
    :raises Invalid: a build does not exist, has not finished, or the caller may not delete it; or the request
        has too many builds.
    """
    limits.check("builds to delete", len(build_ids))
    with reading() as tx:
        build_deletion.check_deletion(tx, caller(tx), build_ids)
    with writing() as tx:
        build_deletion.delete_many(tx, caller(tx), build_ids)
