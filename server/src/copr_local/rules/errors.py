"""Why a rule said no; each wire has its own table from these classes to statuses.

    RuleError
    ├── AuthenticationRequired   nobody is logged in, or the token is wrong or out of date
    ├── Forbidden                somebody is, but may not do this
    ├── NotFound                 there is no such thing
    ├── Conflict                 not in this state of things
    ├── NotFinished              not before the build is over
    └── Invalid                  what was asked makes no sense
        └── UnknownChroot        no chroot has that name

The text is one that a client shows to a person, and the one that the original service gives where it is
recorded.
"""

from __future__ import annotations


class RuleError(Exception):
    """A rule does not allow what was asked."""


class AuthenticationRequired(RuleError):
    """Nobody is logged in."""


class Forbidden(RuleError):
    """Whoever is logged in may not do this."""


class NotFound(RuleError):
    """There is no such thing."""


class Conflict(RuleError):
    """The thing is not in a state that allows this."""


class NotFinished(RuleError):
    """The build is not over yet."""


class Invalid(RuleError):
    """The request makes no sense."""


class UnknownChroot(Invalid):
    """No chroot has that name."""

    def __init__(self) -> None:
        super().__init__("Chroot identification is not valid")
