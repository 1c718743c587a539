"""How many builds or packages one transaction changes, so that other writers do not wait long."""

from __future__ import annotations

MOST_CHROOTS = 500  # of builds, that one transaction adds or deletes


def size(most: int, chroots: int) -> int:
    """Return how many builds or packages with so many chroots one transaction may change.

    :param most: the largest number, if they have few chroots.
    :param chroots: number of chroots that each has at most.
    :returns: the number, at least 1.
    """
    return max(1, min(most, MOST_CHROOTS // max(1, chroots)))
