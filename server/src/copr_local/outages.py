"""Faults that are neither the caller's nor this program's: the disk is full, the database is locked.

All APIs answer them with a status that says so, since asking again later helps. What is there can still be
read meanwhile.
"""

from __future__ import annotations

import errno
import logging
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outage:
    """What to tell the caller."""

    status: int
    text: str


FULL = Outage(507, "The disk of this Copr is full; nothing was changed. Ask again when there is room.")
LOCKED = Outage(503, "The database of this Copr is in use elsewhere; nothing was changed. Ask again.")
_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)


def outage(error: Exception) -> Outage | None:
    """The outage that an exception comes from, if it comes from one; it is logged, in one line."""
    found = _find(error)
    if found is not None:
        log.warning("%s", getattr(error, "orig", error))
    return found


def _find(error: Exception) -> Outage | None:
    if isinstance(error, OperationalError):
        text = str(error.orig)
        return FULL if "disk is full" in text else LOCKED if "database is locked" in text else None
    if isinstance(error, OSError) and error.errno in _FULL_DISK:
        return FULL
    return None
