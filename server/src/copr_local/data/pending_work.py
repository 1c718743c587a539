"""The database tables of work that a commit leaves: changes of files, metadata to write, and messages."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from .column_types import Document
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


class OutgoingMessage(Base):
    """A message about a build, for a message broker. The row is deleted when the broker has confirmed it.

    `topic` has no prefix. `sent_on` is the time of what the message is about.
    """

    __tablename__ = "outgoing_message"
    __table_args__ = NEVER_TWICE

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str]
    topic: Mapped[str]
    sent_on: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(Document)
