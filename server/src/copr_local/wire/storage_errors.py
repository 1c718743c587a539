"""Faults that are neither the caller's nor this program's: the disk is full, the database is locked.

All APIs answer them with a status that says so, since asking again later helps. What is there can still be
read meanwhile.
"""

from __future__ import annotations

import errno
import logging

from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

log = logging.getLogger(__name__)


class StorageError(HTTPException):
    """What to tell the caller, in the form that errors of the address have."""

    code: int
    description: str


class FullDisk(StorageError):
    """There is no room for what the caller has sent."""

    code = 507
    description = "The disk of this Copr is full; nothing was changed. Ask again when there is room."


class LockedDatabase(StorageError):
    """Some other program writes to the database, for longer than a request can wait."""

    code = 503
    description = "The database of this Copr is in use elsewhere; nothing was changed. Ask again."


_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)


def as_storage_error(error: Exception) -> StorageError | None:
    """The outage that an exception comes from, if it comes from one; it is logged, in one line."""
    found = _find(error)
    if found is not None:
        log.warning("%s", getattr(error, "orig", error))
    return found


def _find(error: Exception) -> StorageError | None:
    if isinstance(error, OperationalError):
        text = str(error.orig)
        if "disk is full" in text:
            return FullDisk()
        return LockedDatabase() if "database is locked" in text else None
    if isinstance(error, OSError) and error.errno in _FULL_DISK:
        return FullDisk()
    return None
