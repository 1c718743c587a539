"""All exceptions of the client, by their documented names; one class each for every generation."""

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
