"""Limits for the results of measurements.

Rules: a limit has a text for the table, and checks a result. It does not know how the result was measured.
The minimum and the goal of a row may have several limits. All of them must hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .environments import RELEASED_VERSION
from .measure import Sample

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Result:
    """Result of a row: medians of the released client, of this client, and of a third command, if any.

    All times are for the same amount of work.
    """

    released: Sample
    ours: Sample
    reference: Sample | None = None

    @property
    def ratio(self) -> float:
        """How many times as fast as the released client this client is."""
        return self.released.seconds / self.ours.seconds

    @property
    def memory_share(self) -> float:
        """Peak memory of this client, as a share of the peak of the released client."""
        return self.ours.peak / self.released.peak

    @property
    def memory_growth(self) -> float:
        """Growth of the peak memory of this client during the work, in bytes."""
        return self.ours.peak - self.ours.before


class Limit(Protocol):
    """One condition for a result."""

    @property
    def text(self) -> str:
        """Text of the limit, for the table."""
        ...

    def met(self, result: Result) -> bool:
        """Return True if a result is within the limit."""
        ...


@dataclass(frozen=True)
class Times:
    """This client is at least `factor` times as fast as the released client."""

    factor: float

    @property
    def text(self) -> str:
        """Text such as "3.5x"."""
        return f"{self.factor:g}x"

    def met(self, result: Result) -> bool:
        """Return True if a result is within the limit."""
        return result.ratio >= self.factor


@dataclass(frozen=True)
class SoonAfterReference:
    """This client takes at most `seconds` more than the reference."""

    seconds: float
    reference: str

    @property
    def text(self) -> str:
        """Text such as "within 25 ms of ..."."""
        return f"within {self.seconds * 1000:g} ms of {self.reference}"

    def met(self, result: Result) -> bool:
        """Return True if a result is within the limit."""
        return result.reference is not None and result.ours.seconds <= result.reference.seconds + self.seconds


@dataclass(frozen=True)
class NoSlowerThanReference:
    """This client takes at most `times` the time of the reference."""

    reference: str
    times: float = 1

    @property
    def text(self) -> str:
        """Text such as "no slower than ..." or "at most 1.1 times ..."."""
        return f"{'no slower than' if self.times == 1 else f'at most {self.times:g} times'} {self.reference}"

    def met(self, result: Result) -> bool:
        """Return True if a result is within the limit."""
        return result.reference is not None and result.ours.seconds <= self.times * result.reference.seconds


@dataclass(frozen=True)
class MemoryBelow:
    """The peak memory is below a share of the peak of the released client."""

    share: float

    @property
    def text(self) -> str:
        """Text such as "memory below 0.85 of copr 2.7"."""
        return f"memory below {self.share:g} of copr {RELEASED_VERSION}"

    def met(self, result: Result) -> bool:
        """Return True if a result is within the limit."""
        return result.memory_share < self.share


@dataclass(frozen=True)
class MemoryFlat:
    """The work raises the peak memory by at most `growth` bytes, for a file of any size."""

    growth: int = 16 * MEBIBYTE

    @property
    def text(self) -> str:
        """Text such as "memory grows by at most 16 MiB"."""
        return f"memory grows by at most {self.growth // MEBIBYTE} MiB"

    def met(self, result: Result) -> bool:
        """Return True if a result is within the limit."""
        return result.memory_growth <= self.growth
