"""All exceptions of the client, under their documented names.

All clients raise the same classes.
"""

from ._errors import (
    CoprAuthException,
    CoprBuildException,
    CoprConfigException,
    CoprConnectionException,
    CoprException,
    CoprFileException,
    CoprFileNotFound,
    CoprLoginException,
    CoprNoConfException,
    CoprNoConfigException,
    CoprNoResultException,
    CoprRequestException,
    CoprSubmissionUnknown,
    CoprTimeoutException,
    CoprUnknownResponseException,
    CoprValidationException,
)

__all__ = [
    "CoprAuthException",
    "CoprBuildException",
    "CoprConfigException",
    "CoprConnectionException",
    "CoprException",
    "CoprFileException",
    "CoprFileNotFound",
    "CoprLoginException",
    "CoprNoConfException",
    "CoprNoConfigException",
    "CoprNoResultException",
    "CoprRequestException",
    "CoprSubmissionUnknown",
    "CoprTimeoutException",
    "CoprUnknownResponseException",
    "CoprValidationException",
]
