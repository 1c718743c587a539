"""Storage errors: the disk is full, or the database is locked or cannot be reached.

They are not errors of the client or of this program. All APIs send a status that asks the client to retry
later. Requests that only read still work meanwhile. Only a text that no database stores is an error of the
client.
"""

from __future__ import annotations

import errno
import logging

from werkzeug.exceptions import HTTPException

from ..data.column_types import UnstorableText
from ..data.outages import Cause, Outage

log = logging.getLogger(__name__)


class StorageError(HTTPException):
    """A storage error as an HTTP error; each API sends it in the format of its other errors."""

    code: int
    description: str


class FullDisk(StorageError):
    """The error for a disk that has no space for the data of the request."""

    code = 507
    description = "The disk of this Copr is full; nothing was changed. Try again when there is free space."


class LockedDatabase(StorageError):
    """The error for a database that another program locks for longer than a request can wait."""

    code = 503
    description = "The database of this Copr is locked by another program; nothing was changed. Try again."


class UnavailableDatabase(StorageError):
    """The error for a database that cannot be reached, for example while its server starts again."""

    code = 503
    description = "The database of this Copr does not respond. Try again."


class RefusedText(StorageError):
    """The error for a request with a text that no database stores. It is an error of the client."""

    code = 400


_OF_OUTAGES = {
    Cause.FULL_DISK: FullDisk,
    Cause.LOCKED: LockedDatabase,
    Cause.UNAVAILABLE: UnavailableDatabase,
}
_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)


def as_storage_error(error: Exception) -> StorageError | None:
    """Return the storage error for an exception. Log it in one line, unless it is an error of the client.

    :param error: the exception.
    :returns: the storage error; None if the exception has another cause.
    """
    found = _find(error)
    if found is not None and not isinstance(found, RefusedText):
        log.warning("%s", getattr(error, "orig", error))
    return found


def _find(error: Exception) -> StorageError | None:
    """Return the storage error for an exception, or None."""
    if isinstance(error, UnstorableText):
        return RefusedText(str(error))
    if isinstance(error, Outage):
        return _OF_OUTAGES[error.cause]()
    if isinstance(error, OSError) and error.errno in _FULL_DISK:
        return FullDisk()
    return None
