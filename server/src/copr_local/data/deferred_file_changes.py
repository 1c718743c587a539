"""Changes of files that are carried out after a commit; each is a row of the transaction that requested it.

- The thread that committed the rows carries them out, in their order. If the process dies before that, the
  next start or the maintenance of the service does it. A rollback removes the rows too.
- A row is carried out and deleted in one transaction, so only one process works on it. If that transaction is
  not committed, the row is carried out again. This does no harm: removing a path that does not exist does
  nothing, and a copy that exists is complete.
- A pending change applies to the files as they were when it was requested. So call `settle` for a path before
  you create it again, and before you read what is stored there.
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
from .pending_work import FileChange

AT_A_STRETCH = 0.02  # seconds that other writers wait for one call
_MOST = 200  # rows read in one query

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """The result of one call of `carry_out`.

    :param reached: id of the last row that was tried; None if no row is left to try.
    :param is_good: False if a change failed.
    """

    reached: int | None
    is_good: bool


def change(data_folder: DataFolder, path: Path, copy_of: Path | None = None) -> FileChange:
    """Return the row for one change of files.

    :param data_folder: the data folder.
    :param path: file or folder to remove; with `copy_of`, path of the copy, which is made only if it does not
        exist.
    :param copy_of: folder to copy; None to remove `path`.
    :returns: the row; the caller adds it to a session.
    :raises ValueError: a path is not in the data folder.
    """
    source = None if copy_of is None else _name(data_folder, copy_of)
    return FileChange(path=_name(data_folder, path), copy_of=source)


def carry_out(session: Session, data_folder: DataFolder, after: int) -> Progress:
    """Carry out some of the pending changes, for a limited time.

    A change that fails is logged and stays pending; the next ones are still carried out.

    :param session: a session that can write; the caller commits it.
    :param data_folder: the data folder.
    :param after: id of a row; only rows with larger ids are read.
    :returns: how far this call came.
    """
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
    """Carry out the pending changes up to the last one that affects a path.

    A change affects the path if it is about this path, a path inside it, or a folder that contains it.

    :param session: a session that can write; the caller commits it.
    :param data_folder: the data folder.
    :param path: the path.
    :param but: rows to leave out, since their transaction is not committed yet.
    :raises OSError: a change cannot be carried out yet.
    """
    rows = [row for row in session.scalars(select(FileChange).order_by(FileChange.id)) if row not in but]
    last = max((number for number, row in enumerate(rows) if _is_about(row, data_folder, path)), default=-1)
    for row in rows[: last + 1]:
        _carry_out(session, data_folder, row)


def pending(session: Session, data_folder: DataFolder, path: Path) -> Sequence[FileChange]:
    """Return the pending changes that affect a path.

    :param session: the session to read from.
    :param data_folder: the data folder.
    :param path: the path; changes inside it, and of folders that contain it, count too.
    :returns: the rows.
    """
    return [row for row in session.scalars(select(FileChange)) if _is_about(row, data_folder, path)]


def is_anything_pending(session: Session) -> bool:
    """Return True if a change of files is pending.

    :param session: the session to read from.
    :returns: False if the table is empty.
    """
    return session.scalar(select(FileChange.id).limit(1)) is not None


def _carry_out(session: Session, data_folder: DataFolder, row: FileChange) -> None:
    """Carry out one change, and delete its row."""
    if row.copy_of is None:
        data_folder.discard(data_folder.path / row.path)
    else:
        data_folder.copy(data_folder.path / row.copy_of, data_folder.path / row.path)
    session.delete(row)


def _is_about(row: FileChange, data_folder: DataFolder, path: Path) -> bool:
    """Return True if a change affects a path, a path inside it, or a folder that contains it."""
    one, other = PurePath(row.path), PurePath(_name(data_folder, path))
    return one.is_relative_to(other) or other.is_relative_to(one)


def _name(data_folder: DataFolder, path: Path) -> str:
    """Return a path relative to the data folder, as the rows have it."""
    return path.relative_to(data_folder.path).as_posix()
