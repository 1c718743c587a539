"""The base class of the legacy client: the user, the connection, and how responses are made.

Rules: nothing here knows which service or bridge answers. A response is made from the call's document in
either case. A lost connection raises an exception with the legacy client's text; the reason is its cause. All
errors on the way are CoprRequestExceptions, which scripts for the legacy client catch.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping

from .._bridge import OldConnection
from .._config import ConfigDict, read_environment
from .._drive import drive
from .._errors import (
    CoprConfigException,
    CoprConnectionException,
    CoprRequestException,
    CoprSubmissionUnknown,
    CoprTimeoutException,
    url_of,
)
from .._policy import Policy, with_calls
from .._typing import Any, TypeVar, evaluable
from .._wire import Call, Flow, Reply, Step
from ..util import UnicodeMixin
from ._calls import API_V1, Document
from .responses import CoprResponse

#: The default service.
DEFAULT_URL = "https://copr.fedorainfracloud.org/"


T = TypeVar("T")


class TookTooLong(CoprRequestException, CoprTimeoutException):
    """A CoprRequestException and CoprTimeoutException: a call took too long."""


class Caller(UnicodeMixin):
    """Makes the calls of one user to one service.

    `CoprClient` describes the parameters.
    """

    def __init__(
        self,
        username: str | None = None,
        login: str | None = None,
        token: str | None = None,
        copr_url: str | None = None,
        no_config: bool = False,
        *,
        bridge: bool | None = None,
        policy: Policy | None = None,
    ) -> None:
        self.username = username
        self.login = login
        self.token = token
        self.copr_url = copr_url or DEFAULT_URL
        self.no_config = no_config
        self._settings = ConfigDict({"bridge": read_environment().get("bridge")})
        if bridge is not None:
            self._settings["bridge"] = bridge
        self._policy = policy
        self._made: tuple[Any, OldConnection] | None = None

    @property
    def api_url(self) -> str:
        """The URL of API v1."""
        return f"{self.copr_url}/api"

    @property
    def _connection(self) -> OldConnection:
        """The connection to the service. A script that changes the URL or the credentials gets a new one."""
        asks = (self.copr_url, self.username, self.login, self.token)
        if self._made is None or self._made[0] != asks:
            config = ConfigDict(self._settings)
            config.update(copr_url=self.copr_url, username=self.username, login=self.login, token=self.token)
            self._made = asks, OldConnection(config, API_V1, self._policy)
        return self._made[1]

    def _owner(self, username: str | None) -> str:
        """Return the given owner, else the client's user. Raise CoprConfigException if there is neither."""
        if owner := username or self.username:
            return owner
        raise CoprConfigException(
            "No owner is given. Pass a username to this method or to the client, or put it into the "
            "configuration file."
        )

    def _run(self, plan: Flow[T]) -> T:
        """Carry out a plan and return its result. Errors get the legacy client's classes and texts."""
        connection = self._connection

        def in_old_words(call: Call[Any]) -> Generator[Step, Any, Reply]:
            try:
                reply: Reply = yield call
            except CoprSubmissionUnknown:
                raise
            except CoprConnectionException as lost:
                raise _in_old_words(lost, call, connection.base_url) from lost
            except CoprTimeoutException as slow:
                error = TookTooLong(str(slow))
                vars(error).update(vars(slow))
                raise error from slow
            return reply

        return drive(connection.around(with_calls(plan, in_old_words)), connection.transport())

    def _respond(
        self,
        method: str,
        plan: Flow[Document],
        parsers: Iterable[Any],
        handle: Callable[[CoprResponse], Any] | None = None,
        *,
        about: Mapping[str, Any] | None = None,
    ) -> CoprResponse:
        """Return the response to a call.

        `method` is the name of the call for texts, `handle` makes the response's handle, and `about` has the
        parameters of the call.
        """
        response = CoprResponse(self, method, self._run(plan), about, parsers)
        if handle is not None:
            response.handle = handle(response)
        return response


def _in_old_words(lost: CoprConnectionException, call: Call[Any], base_url: str) -> CoprConnectionException:
    """Return the exception for a lost connection, with the text that the legacy client has for it."""
    where = url_of(call, base_url)
    error = CoprConnectionException(f"Connection error {call.method} {where}")
    error.method, error.url = call.method, where
    error.unsent, error.hopeless = lost.unsent, lost.hopeless
    error.add_note(f"why: {lost}")
    return error


evaluable(__name__)
