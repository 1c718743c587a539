"""A base class of the old clients, which scripts for them may name."""

from __future__ import annotations

__all__ = ["UnicodeMixin"]


class UnicodeMixin:
    """A thing with a text: `__unicode__` and `str` are the same."""

    def __unicode__(self) -> str:
        """The text."""
        return str(self)
