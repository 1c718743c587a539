"""The legacy client's exceptions by an older address; the same classes as in `copr.exceptions`."""

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
