"""The legacy client's exceptions under an older name; the same classes as in `copr.exceptions`."""

from ..exceptions import (
    CoprBuildException,
    CoprConfigException,
    CoprException,
    CoprNoConfException,
    CoprRequestException,
    CoprUnknownResponseException,
)

__all__ = [
    "CoprBuildException",
    "CoprConfigException",
    "CoprException",
    "CoprNoConfException",
    "CoprRequestException",
    "CoprUnknownResponseException",
]
