"""The exceptions of API v3; the same classes as in `copr.exceptions`."""

from .._errors import (
    CoprAuthException,
    CoprConfigException,
    CoprConnectionException,
    CoprException,
    CoprFileException,
    CoprFileNotFound,
    CoprLoginException,
    CoprNoConfigException,
    CoprNoResultException,
    CoprRequestException,
    CoprSubmissionUnknown,
    CoprTimeoutException,
    CoprUnknownResponseException,
    CoprValidationException,
)
from .._late import released_names

__all__ = [
    "CoprAuthException",
    "CoprConfigException",
    "CoprConnectionException",
    "CoprException",
    "CoprFileException",
    "CoprFileNotFound",
    "CoprLoginException",
    "CoprNoConfigException",
    "CoprNoResultException",
    "CoprRequestException",
    "CoprSubmissionUnknown",
    "CoprTimeoutException",
    "CoprUnknownResponseException",
    "CoprValidationException",
]

__getattr__ = released_names(__name__)
