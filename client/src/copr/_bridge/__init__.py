"""The old APIs: sent to a service that still has them, carried out over API v3 on one that does not.

Rules: the clients of API v1 and v2 make calls of those APIs and read their responses; they do not know who
responds. The choice is made here, once per connection: the service, if it has the API, or else the bridge. A
bridge takes the same call, yields calls of API v3, and returns a response of the old shape. The choice needs
one request (`probe`) before the first call, and none if it is set: by the clients' argument `bridge`, by
COPR_BRIDGE, or by `bridge` in the configuration file (true: always the bridge; false: never). A redirect to
the same path is followed, as for a service that has moved. A redirect to anything else, such as a login page,
means that the service does not have the old API; whether that page can be reached does not matter.

What a client of an old API does:

    connection = OldConnection(config, API_V2, policy)           # config: a mapping, as read_config makes it
    call = Call("GET", "/api_2/projects/5", decode=...)          # paths begin at the URL of the service
    drive(connection.around(call), connection.transport())

A bridge is a function that takes such a call and returns a flow of its Reply. The flow yields calls of API
v3, as `v3.calls` makes them. `OldApi.bridge` makes one bridge for each connection, so a bridge can remember
what it has seen. `v1` and `v2` are the bridges: each has a table of routes and plans (see `routes`). `memory`
and `ids` have what they remember; `warning` says once that the client is old.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from urllib.parse import urljoin, urlsplit

from .._connection import Connection
from .._errors import CoprAuthException, CoprLoginException, failure
from .._policy import REFUSED, UNCLEAR, Policy, with_calls
from .._submission import Submission
from .._typing import TYPE_CHECKING, Any, TypeVar
from .._wire import Call, Flow, Reply, Step, Work

if TYPE_CHECKING:
    from ..v3.auth import BaseAuth

T = TypeVar("T")

#: The path of API v3, below the URL of the service.
API_V3 = "/api_3"

#: The most redirects that the probe follows.
MOST_REDIRECTS = 5

#: A function that carries out calls of an old API with calls of API v3.
Bridge = Callable[[Call[Any]], Flow[Reply]]


class OldApi:
    """An old API, as the choice needs it.

    `number`: 1 or 2; `probe`: a cheap call without login; `speaks`: whether its reply comes from that API;
    `bridge`: makes the bridge of one connection, imported only when it is needed.
    """

    __slots__ = ("bridge", "number", "probe", "speaks")

    def __init__(
        self,
        number: int,
        probe: Call[Any],
        speaks: Callable[[Reply], bool],
        bridge: Callable[[], Bridge],
    ) -> None:
        self.number = number
        self.probe = probe
        self.speaks = speaks
        self.bridge = bridge


class OldConnection(Connection):
    """The connection of a client of an old API to its service.

    `config`: as for `Connection`; its `bridge` is true (always the bridge), false (never) or None (ask the
    service). `policy`: timeouts and retries.
    """

    def __init__(self, config: Mapping[str, Any], api: OldApi, policy: Policy | None = None) -> None:
        super().__init__(config, api.number, _user_agent, _find_auth, policy)
        self._api = api
        self._bridged: bool | None = self.config.get("bridge")
        self._bridge: Bridge | None = None
        self._choosing = threading.Lock()
        self._chosen: threading.Event | None = None

    @property
    def base_url(self) -> str:
        """The URL of the service, with its trailing slash; the paths of the calls begin there."""
        return f"{str(self._copr_url).rstrip('/')}/"

    def around(self, plan: Flow[T]) -> Generator[Step, Any, T]:
        """Return a plan whose calls the service or the bridge carries out, with retries and login."""
        return super().around(with_calls(plan, self._answered))

    def _answered(self, call: Call[Any]) -> Generator[Step, Any, Reply]:
        """Carry out a call; the first one chooses between the service and the bridge."""
        if call.login:
            self.auth  # noqa: B018 - raises, so that without credentials nothing is sent, not even the probe
        reply: Reply
        while self._bridged is None:
            with self._choosing:  # not while the flow waits for a reply
                mine = self._chosen is None
                chosen = self._chosen = self._chosen or threading.Event()
            if not mine:
                yield Work(chosen.wait)
                continue
            try:
                reply = yield from self._probed()
                self._bridged = not self._api.speaks(reply)
            finally:
                self._chosen = None  # if the probe failed, the next call asks again
                chosen.set()
            if not self._bridged and call == self._api.probe:
                return reply
        if self._bridged:
            return (yield from with_calls(self._made_bridge()(call), _over_v3))
        if isinstance(call, Submission) and call.search is None:
            from .recovery import sent_once

            return (yield from sent_once(call, self._made_bridge, _over_v3))
        reply = yield call
        return reply

    def _made_bridge(self) -> Bridge:
        if self._bridge is None:
            self._bridge = self._api.bridge()
        return self._bridge

    def _probed(self) -> Generator[Step, Any, Reply]:
        """Return the reply to the probe; raise its error if the service cannot respond now."""
        probe = self._api.probe.staying()
        reply: Reply = yield probe
        for _ in range(MOST_REDIRECTS):
            if (url := _redirected(reply)) is None:
                break
            reply = yield probe.at(url)
        if reply.status == REFUSED or reply.status in UNCLEAR:
            raise failure(probe, reply)
        return reply


def _redirected(reply: Reply) -> str | None:
    """Return the URL that a redirect leads to, or None if its path is another one."""
    if not 300 <= reply.status < 400:
        return None
    location = reply.headers.get("Location")
    if location is None:
        return None
    here, there = urlsplit(reply.url), urlsplit(urljoin(reply.url, location))
    is_web = there.scheme in ("http", "https")
    return there.geturl() if is_web and there.path.rstrip("/") == here.path.rstrip("/") else None


def _over_v3(call: Call[Any]) -> Generator[Step, Any, Reply]:
    """Carry out a call of a bridge, whose path begins below `/api_3`."""
    reply: Reply = yield call.below(API_V3)
    return reply


def _user_agent() -> str:
    from ..v3 import requests as settings

    return settings.USER_AGENT


def _find_auth(config: Mapping[str, Any]) -> BaseAuth:
    """Return the credentials of a configuration; raise the error that scripts for the old APIs catch."""
    from ..v3.auth import auth_from_config

    try:
        return auth_from_config(config)
    except CoprAuthException as lacking:
        raise CoprLoginException(str(lacking)) from lacking
