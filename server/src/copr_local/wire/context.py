"""What a request finds: the running service, behind the Flask application that serves it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property

from flask import Flask, current_app

from ..data.data_folder import DataFolder
from ..data.database import Database, Transaction
from .response_cache import ResponseCache

LARGEST_BODY = 16 * 1024**2  # bytes that a request may bring
LARGEST_UPLOAD = 1024**4  # bytes, where it brings a file

_KEY = "copr_local"


@dataclass(frozen=True)
class Service:
    """The database, the files, the address by which clients reach this service (no slash at the end), its
    clock (seconds of unix time, UTC), and the header in which a front end says whom Kerberos has let in."""

    database: Database
    data_folder: DataFolder
    public_url: str
    clock: Callable[[], float] = time.time
    remote_user_header: str | None = None

    @cached_property
    def response_cache(self) -> ResponseCache:
        """The responses that are worth keeping."""
        return ResponseCache(self.database)


def attach(app: Flask, service: Service) -> None:
    """Put a service behind an application."""
    app.extensions[_KEY] = service


def service() -> Service:
    """The service behind the application that handles the current request."""
    found: Service = current_app.extensions[_KEY]
    return found


def reading() -> AbstractContextManager[Transaction]:
    """A transaction for a request that changes nothing."""
    return service().database.reading()


def writing() -> AbstractContextManager[Transaction]:
    """A transaction for a request that changes something; committed at its end."""
    return service().database.writing()
