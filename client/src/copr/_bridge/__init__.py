"""The old APIs: spoken to a service that still has them, carried out over API v3 on one that has not.

Rules: the clients of API v1 and v2 make calls of those APIs and read their answers; they do not know who
answers. Here it is chosen, once per connection: the service, if it speaks the API, or else the bridge, which
takes the same call, yields calls of API v3 and answers in the old shape. The choice costs one request
(`probe`) before the first call, none where it is set: by the clients' argument `bridge`, by COPR_BRIDGE, or
by `bridge` in the configuration file (true: always the bridge; false: never). A redirect is followed where
the same question goes on elsewhere, as on a service that moved; one to anything else, such as a page to log
in, is no answer of the old API, and whether that page can be reached does not matter.

What a client of an old API does:

    connection = OldConnection(config, API_V2, policy)           # config: a mapping, as read_config makes it
    call = Call("GET", "/api_2/projects/5", decode=...)          # paths begin at the service's address
    drive(connection.around(call), connection.transport())

What a bridge is: a function that takes such a call and returns a flow of its Reply; the flow yields calls of
API v3, as `v3.calls` makes them. `OldApi.bridge` makes one for each connection, so a bridge may remember what
it met. `_bridge.routes` turns a table of paths and plans into a bridge; `_bridge.ids` finds projects by their
number; `_bridge.warning` says once that the client is old.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping
from urllib.parse import urljoin, urlsplit

from .._connection import Connection
from .._errors import CoprAuthException, CoprLoginException, failure
from .._policy import REFUSED, UNCLEAR, Policy, with_calls
from .._typing import TYPE_CHECKING, Any, TypeVar
from .._wire import Call, Flow, Reply, Step

if TYPE_CHECKING:
    from ..v3.auth import BaseAuth

T = TypeVar("T")

#: Where the calls of API v3 are, below the service's address.
API_V3 = "/api_3"

#: Redirects that are followed to find out what a service speaks.
MOST_MOVES = 5

#: What answers calls of an old API with calls of API v3.
Bridge = Callable[[Call[Any]], Flow[Reply]]


class OldApi:
    """What has to be known of an old API in order to choose.

    `number`: 1 or 2; `probe`: a call without login that is cheap to answer; `speaks`: whether its reply came
    from that API; `bridge`: makes the bridge of one connection, imported only when it is needed.
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
    """The way of a client of an old API to its service.

    `config`: as for `Connection`; its `bridge` is true (always the bridge), false (never) or None (ask the
    service). `policy`: how patient to be.
    """

    def __init__(self, config: Mapping[str, Any], api: OldApi, policy: Policy | None = None) -> None:
        super().__init__(config, api.number, _user_agent, _find_auth, policy)
        self._api = api
        self._bridged: bool | None = self.config.get("bridge")
        self._bridge: Bridge | None = None
        self._choosing = threading.Lock()

    @property
    def base_url(self) -> str:
        """The address of the service, with its last slash; the calls' paths begin there."""
        return f"{str(self.config['copr_url']).rstrip('/')}/"

    def around(self, plan: Flow[T]) -> Generator[Step, Any, T]:
        """A plan, its calls answered by the service or the bridge, with this client's patience and login."""
        return super().around(with_calls(plan, self._answered))

    def _answered(self, call: Call[Any]) -> Generator[Step, Any, Reply]:
        if call.login:
            self.auth  # noqa: B018 - without credentials nothing is sent, not even to choose
        reply: Reply
        if self._bridged is None:
            with self._choosing:
                if self._bridged is None:
                    reply = yield from self._probed()
                    self._bridged = not self._api.speaks(reply)
                    if not self._bridged and call == self._api.probe:
                        return reply
        if not self._bridged:
            reply = yield call
            return reply
        if self._bridge is None:
            self._bridge = self._api.bridge()
        return (yield from with_calls(self._bridge(call), _over_v3))

    def _probed(self) -> Generator[Step, Any, Reply]:
        """What tells whether the service speaks the old API. Raises the failure where it cannot tell now."""
        probe = self._api.probe.staying()
        reply: Reply = yield probe
        for _ in range(MOST_MOVES):
            if (address := _same_question(reply)) is None:
                break
            reply = yield probe.at(address)
        if reply.status == REFUSED or reply.status in UNCLEAR:
            raise failure(probe, reply)
        return reply


def _same_question(reply: Reply) -> str | None:
    """Where a redirect leads with the same question, or None: it leads to something else, or is none."""
    location = reply.headers.get("Location")
    if not 300 <= reply.status < 400 or location is None:
        return None
    here, there = urlsplit(reply.url), urlsplit(urljoin(reply.url, location))
    is_web = there.scheme in ("http", "https")
    return there.geturl() if is_web and there.path.rstrip("/") == here.path.rstrip("/") else None


def _over_v3(call: Call[Any]) -> Generator[Step, Any, Reply]:
    reply: Reply = yield call.below(API_V3)
    return reply


def _user_agent() -> str:
    from ..v3 import requests as settings

    return settings.USER_AGENT


def _find_auth(config: Mapping[str, Any]) -> BaseAuth:
    """The credentials of a configuration; their lack is an error that scripts for the old APIs catch."""
    from ..v3.auth import auth_from_config

    try:
        return auth_from_config(config)
    except CoprAuthException as lacking:
        raise CoprLoginException(str(lacking)) from lacking
