"""What is to become of files once a transaction is committed: rows of that transaction, carried out after it.

- The rows are carried out in their order, by whoever has committed them. Where that process dies before, the
  next start does it, or the maintenance of the service. With a transaction that is rolled back, its rows go.
- A row is carried out and deleted in one transaction, so by one process at a time. If that one is not
  committed, the row is carried out again: a path that is gone may be taken away again, and a copy that is
  there is complete.
- What is pending was meant for what was there at the time. Who makes a path anew that may have been taken
  away settles it first; so does who describes what lies there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from sqlalchemy import select
from sqlalchemy.orm import Session

from .data_folder import DataFolder
from .models import FileChange

AT_A_STRETCH = 0.02  # seconds for which others wait
_MOST = 200  # rows that are read at once

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far a stretch came: the id of the last row, None at the end; and whether all rows could be done."""

    reached: int | None
    is_good: bool


def change(data_folder: DataFolder, path: Path, copy_of: Path | None = None) -> FileChange:
    """The row that takes a path away, or makes it a copy of another if it is not there."""
    source = None if copy_of is None else _name(data_folder, copy_of)
    return FileChange(path=_name(data_folder, path), copy_of=source)


def carry_out(session: Session, data_folder: DataFolder, after: int) -> Progress:
    """Carry out some of the rows behind one of them; what cannot be done yet stays, and delays no other."""
    until = time.monotonic() + AT_A_STRETCH
    is_good = True
    query = select(FileChange).where(FileChange.id > after).order_by(FileChange.id).limit(_MOST)
    rows = session.scalars(query).all()
    for row in rows:
        try:
            _carry_out(session, data_folder, row)
        except OSError as error:
            is_good = False
            log.warning("%s cannot be %s yet: %s", row.path, "copied" if row.copy_of else "removed", error)
        if time.monotonic() > until:
            return Progress(row.id, is_good)
    return Progress(rows[-1].id if len(rows) == _MOST else None, is_good)


def settle(session: Session, data_folder: DataFolder, path: Path, but: Collection[FileChange] = ()) -> None:
    """Carry out the rows up to the last one about a path, what is in it, or what it is in.

    :param but: rows to leave, since their transaction is not committed yet.
    :raises OSError: this cannot be done yet.
    """
    rows = [row for row in session.scalars(select(FileChange).order_by(FileChange.id)) if row not in but]
    last = max((number for number, row in enumerate(rows) if _is_about(row, data_folder, path)), default=-1)
    for row in rows[: last + 1]:
        _carry_out(session, data_folder, row)


def pending(session: Session, data_folder: DataFolder, path: Path) -> Sequence[FileChange]:
    """The rows about a path, what is in it, or what it is in."""
    return [row for row in session.scalars(select(FileChange)) if _is_about(row, data_folder, path)]


def is_anything_pending(session: Session) -> bool:
    """Whether there is any row."""
    return session.scalar(select(FileChange.id).limit(1)) is not None


def _carry_out(session: Session, data_folder: DataFolder, row: FileChange) -> None:
    if row.copy_of is None:
        data_folder.discard(data_folder.path / row.path)
    else:
        data_folder.copy(data_folder.path / row.copy_of, data_folder.path / row.path)
    session.delete(row)


def _is_about(row: FileChange, data_folder: DataFolder, path: Path) -> bool:
    one, other = PurePath(row.path), PurePath(_name(data_folder, path))
    return one.is_relative_to(other) or other.is_relative_to(one)


def _name(data_folder: DataFolder, path: Path) -> str:
    return path.relative_to(data_folder.path).as_posix()
