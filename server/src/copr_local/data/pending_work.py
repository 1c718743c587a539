"""The database tables of work that a commit leaves: changes of files, and metadata to write."""

from __future__ import annotations

from sqlalchemy.orm import Mapped, mapped_column

from .models import NEVER_TWICE, Base


class FileChange(Base):
    """A file or folder to remove, or to make a copy of `copy_of`, after the commit of this row.

    Both paths are relative to the data folder. The row is deleted when the change is carried out.
    """

    __tablename__ = "file_change"
    __table_args__ = NEVER_TWICE

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    copy_of: Mapped[str | None]


class RepositoryUpdate(Base):
    """A request to write the metadata of a repository again; `directory` is relative to the results folder.

    A request that arrives while an earlier one is carried out is a row of its own, so it is not lost.
    """

    __tablename__ = "repository_update"
    __table_args__ = NEVER_TWICE

    id: Mapped[int] = mapped_column(primary_key=True)
    directory: Mapped[str]
