"""The running service: how code that handles a request gets it from the Flask application."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property

from flask import Flask, current_app

from ..data.data_folder import DataFolder
from ..data.database import Database, Transaction
from .metrics import Metrics
from .response_cache import ResponseCache
from .sign_in_links import SignInLinks

LARGEST_BODY = 16 * 1024**2  # largest body of a request, in bytes
LARGEST_TEXT = 4 * 1024**2  # largest body without files, except that of a webhook, in bytes
LARGEST_UPLOAD = 1024**4  # largest body of a request that uploads a file, in bytes

_KEY = "copr_local"


@dataclass(frozen=True)
class Service:
    """The running service.

    :param database: database of projects, builds and users.
    :param data_folder: folder with the database, the results and the uploads.
    :param public_url: URL by which clients reach this service, without a slash at the end.
    :param clock: returns the current unix time in seconds, UTC.
    :param remote_user_header: header in which a frontend web server sends the user name that Kerberos
        authenticated; None to refuse Kerberos logins.
    :param remote_user_secret: secret that this web server must send in the header `X-Copr-Secret`; None if
        only this web server can connect.
    :param is_worker_alive: returns True if the thread that starts builds runs.
    :param metrics: numbers about this process.
    """

    database: Database
    data_folder: DataFolder
    public_url: str
    clock: Callable[[], float] = time.time
    remote_user_header: str | None = None
    remote_user_secret: str | None = None
    is_worker_alive: Callable[[], bool] = lambda: True
    metrics: Metrics = field(default_factory=Metrics)

    @property
    def sign_in_links(self) -> SignInLinks:
        """The links that sign users in to the pages once."""
        return SignInLinks(self.data_folder.sign_in_links)

    @cached_property
    def response_cache(self) -> ResponseCache:
        """The cache of responses.

        :returns: the cache; the first use creates it.
        """
        return ResponseCache(self.database)


def attach(app: Flask, service: Service) -> None:
    """Attach a service to an application.

    :param app: the Flask application.
    :param service: the service that its requests use.
    """
    app.extensions[_KEY] = service


def service() -> Service:
    """Return the service of the application that handles the current request.

    :returns: the service.
    """
    found: Service = current_app.extensions[_KEY]
    return found


def reading() -> AbstractContextManager[Transaction]:
    """Open a transaction for a request that changes nothing.

    :returns: a context manager that gives the transaction.
    """
    return service().database.reading()


def writing() -> AbstractContextManager[Transaction]:
    """Open a transaction for a request that changes something.

    :returns: a context manager that gives the transaction. It commits at the end, or rolls back after an
        exception.
    """
    return service().database.writing()
