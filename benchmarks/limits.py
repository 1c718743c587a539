"""Limits for the results of measurements.

Rules: a limit has a text for the table, and checks a result. It does not know how the result was measured.
The minimum and the goal of a row may have several limits. All of them must hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Protocol

from .environments import RELEASED_VERSION
from .measure import Sample, medians

MEBIBYTE = 1024 * 1024

#: The widest spread of the middle half of the rounds, as a share of the median.
WIDEST_SPREAD = 0.25


@dataclass(frozen=True)
class Result:
    """Result of a row: medians of the released client, of this client, and of a third command, if any.

    All times are for the same amount of work. `ratios` are those of the times of the released client and this
    client in each round, `reference_ratios` those of this client and the third command.
    """

    released: Sample
    ours: Sample
    reference: Sample | None = None
    ratios: tuple[float, ...] = ()
    reference_ratios: tuple[float, ...] = ()

    @classmethod
    def of_rounds(cls, rounds: Sequence[Mapping[str, Sample]]) -> Result:
        """Return the result of rounds, each with samples by the field names of a result."""
        has_reference = "reference" in rounds[0]
        return cls(
            **{name: medians([samples[name] for samples in rounds]) for name in rounds[0]},
            ratios=tuple(samples["released"].seconds / samples["ours"].seconds for samples in rounds),
            reference_ratios=tuple(
                samples["ours"].seconds / samples["reference"].seconds for samples in rounds if has_reference
            ),
        )

    @property
    def ratio(self) -> float:
        """How many times as fast as the released client this client is: the median of the rounds."""
        return median(self.ratios) if self.ratios else self.released.seconds / self.ours.seconds

    @property
    def reference_ratio(self) -> float | None:
        """The share of the reference's time that this client takes: the median of the rounds."""
        if self.reference is None:
            return None
        if self.reference_ratios:
            return median(self.reference_ratios)
        return self.ours.seconds / self.reference.seconds

    @property
    def middle(self) -> tuple[float, float]:
        """The two ratios that half of the rounds are between."""
        if len(self.ratios) < 2:
            return self.ratio, self.ratio
        low, _, high = quantiles(self.ratios, n=4, method="inclusive")
        return low, high

    @property
    def says_nothing(self) -> bool:
        """Whether the rounds differ so much that their median is no result."""
        low, high = self.middle
        return high - low > WIDEST_SPREAD * self.ratio

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
        return result.reference_ratio is not None and result.reference_ratio <= self.times


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
