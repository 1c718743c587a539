"""What a measurement is held against.

Rules: a limit says its own text for the table and judges a result; it knows nothing of how that was measured.
`floor` and `aim` of a row are several limits at once: all of them count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .measure import Sample

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Result:
    """What a row came to: medians of the released client, of ours and of a third command, if there is one.

    The seconds of all are for the same amount of work.
    """

    released: Sample
    ours: Sample
    reference: Sample | None = None

    @property
    def ratio(self) -> float:
        """How many times as fast as the released client ours is."""
        return self.released.seconds / self.ours.seconds

    @property
    def memory_share(self) -> float:
        """Our peak memory as a share of the released client's."""
        return self.ours.peak / self.released.peak

    @property
    def memory_growth(self) -> float:
        """By how many bytes the work raised our peak memory."""
        return self.ours.peak - self.ours.before


class Limit(Protocol):
    """One thing that is asked of a result."""

    @property
    def text(self) -> str:
        """The limit, for the table."""
        ...

    def met(self, result: Result) -> bool:
        """Whether a result is within it."""
        ...


@dataclass(frozen=True)
class Times:
    """At least so many times as fast as the released client."""

    factor: float

    @property
    def text(self) -> str:
        """As "3.5x"."""
        return f"{self.factor:g}x"

    def met(self, result: Result) -> bool:
        """Whether it is."""
        return result.ratio >= self.factor


@dataclass(frozen=True)
class SoonAfterReference:
    """At most so many seconds more than the reference takes."""

    seconds: float
    reference: str

    @property
    def text(self) -> str:
        """As "within 25 ms of ..."."""
        return f"within {self.seconds * 1000:g} ms of {self.reference}"

    def met(self, result: Result) -> bool:
        """Whether it is."""
        return result.reference is not None and result.ours.seconds <= result.reference.seconds + self.seconds


@dataclass(frozen=True)
class NoSlowerThanReference:
    """At most as many seconds as the reference takes, or `times` as many."""

    reference: str
    times: float = 1

    @property
    def text(self) -> str:
        """As "no slower than ..." or "at most 1.1 times ..."."""
        return f"{'no slower than' if self.times == 1 else f'at most {self.times:g} times'} {self.reference}"

    def met(self, result: Result) -> bool:
        """Whether it is."""
        return result.reference is not None and result.ours.seconds <= self.times * result.reference.seconds


@dataclass(frozen=True)
class MemoryBelow:
    """Peak memory below a share of the released client's."""

    share: float

    @property
    def text(self) -> str:
        """As "memory below 0.85 of theirs"."""
        return f"memory below {self.share:g} of theirs"

    def met(self, result: Result) -> bool:
        """Whether it is."""
        return result.memory_share < self.share


@dataclass(frozen=True)
class MemoryFlat:
    """Peak memory that the work raises by so many bytes at most, however large the file."""

    growth: int = 16 * MEBIBYTE

    @property
    def text(self) -> str:
        """As "memory flat"."""
        return "memory flat"

    def met(self, result: Result) -> bool:
        """Whether it is."""
        return result.memory_growth <= self.growth
