"""The largest number of values in one request, for everything that multiplies the work of the service.

Every limit is in this table. A request above a limit is refused, and changes nothing.
"""

from __future__ import annotations

from .errors import Invalid

MOST = {
    "words in a search": 20,
    "characters in a search": 500,
    "fields in a form": 2_000,
    "values in a field": 1_000,
    "additional repositories": 100,
    "packages to build": 1_000,
    "chroots of new builds": 1_000,
    "builds to delete": 10_000,
    "users with new roles": 200,
    "characters in a text": 100_000,
    "bytes in a comps file": 4 * 1024**2,
}


def check(what: str, count: int) -> None:
    """Check that a request has not too many values of a kind.

    :param what: the kind, a key of `MOST`.
    :param count: how many the request has.
    :raises Invalid: they are more than the limit; the text names it.
    """
    if count > MOST[what]:
        raise Invalid(f"This request has {count} {what}. At most {MOST[what]} are possible.")
