"""The database table of builders on other machines."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from .column_types import Document
from .models import Base


class Builder(Base):
    """A builder on another machine, which takes steps from the queue over HTTP.

    Only the SHA-256 of its token is stored. It builds for `arches`, and if `chroots` is not empty, only in
    chroots that match one of these patterns. A drained builder gets no more steps. `offer` is what a builder
    has said that it takes: `arches`, `chroots`, `slots` if it gets claims by a message broker, and `trouble`,
    a line of text, if it cannot build now. It is empty or None before that.
    """

    __tablename__ = "builder"

    name: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    arches: Mapped[list[str]] = mapped_column(Document)
    chroots: Mapped[list[str]] = mapped_column(Document, default=list)
    is_drained: Mapped[bool] = mapped_column(default=False)
    heard_on: Mapped[int | None]
    offer: Mapped[dict[str, Any] | None] = mapped_column(Document)
