"""The base class of the old clients, which scripts may name."""

from __future__ import annotations

__all__ = ["UnicodeMixin"]


class UnicodeMixin:
    """A base class whose `__unicode__` returns the same text as `str`."""

    def __unicode__(self) -> str:
        """Return the text."""
        return str(self)
