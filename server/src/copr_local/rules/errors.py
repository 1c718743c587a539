"""Errors that rules raise. Each API has its own table from these classes to status codes.

    RuleError
    ├── AuthenticationRequired   no valid login: it is missing, wrong or expired
    ├── Forbidden                the user has no permission for this
    ├── NotFound                 the thing does not exist
    ├── Conflict                 the current state does not allow this
    ├── Overtaken                a builder has lost its claim of a step
    ├── NotFinished              the build has not finished
    └── Invalid                  the request is not valid
        └── UnknownChroot        the text is not a valid chroot name

Clients show the text of an error to their users. Where a text of the real Copr frontend is recorded, it is
that text.
"""

from __future__ import annotations

from collections.abc import Sequence


class RuleError(Exception):
    """Base class of all errors that rules raise."""


class AuthenticationRequired(RuleError):
    """A missing, wrong or expired login."""


class Forbidden(RuleError):
    """A request that the user has no permission for."""


class NotFound(RuleError):
    """A request for a thing that does not exist."""


class Conflict(RuleError):
    """A request that the current state of the thing does not allow."""


class Overtaken(RuleError):
    """A report of a builder that has lost its claim: the step was requeued, and may have another builder."""


class NotFinished(RuleError):
    """A request that is not allowed before the build has finished."""


class Invalid(RuleError):
    """A request that is not valid."""


class UnknownChroot(Invalid):
    """A text that is not a valid chroot name."""

    def __init__(self) -> None:
        super().__init__("Chroot identification is not valid")


def enumerated(what: str, names: Sequence[object]) -> str:
    """Return a list of things as text: `build 1`, `builds 1 and 2`, `builds 1, 2, and 3`.

    :param what: singular of the noun; an s makes it plural.
    :param names: names or ids of the things, at least one.
    :returns: the text.
    """
    *others, last = map(str, names)
    if not others:
        return f"{what} {last}"
    return f"{what}s {', '.join(others)}{',' if len(others) > 1 else ''} and {last}"
