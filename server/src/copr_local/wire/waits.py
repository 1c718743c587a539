"""Requests that wait for something without a thread of the HTTP server.

An endpoint asks `must_wait`. If it must, its response is dropped, and the connection keeps its request. When
the signal comes, the server calls the endpoint again. A test client cannot wait in this way: then the thread
waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import request

WAITING = "copr_local.waiting"  # in the WSGI environment, if the server can wait: a dictionary
LONGEST_WAIT = 60.0  # seconds that a thread waits, if the server cannot


class Signal(Protocol):
    """What a request waits for; it must come after some time."""

    def then(self, callback: Callable[[], None]) -> None:
        """Call a function when it comes, or now if it has come.

        :param callback: the function; another thread may call it.
        """

    def wait(self, seconds: float) -> bool:
        """Wait for it in this thread.

        :param seconds: longest time to wait.
        :returns: True if it has come.
        """


class Postponed(BaseException):
    """Raised to the server instead of a response: the request waits.

    It is not an `Exception`, so that no code in between takes it for an error.

    :param signal: what the request waits for.
    """

    def __init__(self, signal: Signal) -> None:
        super().__init__("the request waits")
        self.signal = signal


def state() -> dict[str, Any]:
    """Return what an endpoint has stored for the time after the wait.

    :returns: a dictionary that stays the same as long as the request waits; `gone` in it is a function that
        the server calls if the client goes away meanwhile.
    """
    found: dict[str, Any] = request.environ.setdefault(WAITING, {"is_possible": False})
    return found


def must_wait(signal: Signal) -> bool:
    """Return True if the endpoint has to return now, and is called again after the signal.

    :param signal: what the request waits for.
    :returns: False if it has come.
    """
    if not state()["is_possible"]:
        signal.wait(LONGEST_WAIT)
        return False
    if signal.wait(0):
        return False
    state()["signal"] = signal
    return True


def application(app: Any) -> Any:
    """Return a WSGI application whose requests can wait.

    :param app: the application.
    :returns: the application for a server that catches `Postponed`, and gives the same dictionary under
        `WAITING` to the next call for the same request.
    :raises Postponed: the application does, for a request that has to wait.
    """

    def waiting(environ: Any, start_response: Any) -> Any:
        response = app(environ, start_response)
        signal = environ[WAITING].pop("signal", None)
        if signal is None:
            return response
        response.close()
        raise Postponed(signal)

    return waiting
