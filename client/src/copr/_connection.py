"""What the proxies of one client share: configuration, credentials, policy, and one transport.

Rules: nothing is opened, imported or checked before the first call. From then on one frozen configuration and
one transport (one pool of connections, one TLS context) serve all calls, from any thread. A fork of the
process opens its own connections: two processes that read from one would get each other's responses.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Mapping

from ._config import Config, ConfigDict
from ._errors import CoprConfigException, failure
from ._policy import Policy, persist, with_calls
from ._typing import TYPE_CHECKING, Any, TypeVar
from ._wire import Call, Flow, Reply, Step, Work

if TYPE_CHECKING:
    from .v3.auth import BaseAuth

T = TypeVar("T")


class Connection:
    """The connection of one client to its service.

    `config`: a mapping as `read_config` makes it; it is copied. `generation`: of the API, 3 for API v3.
    `user_agent`: called for each request. `find_auth`: makes the credentials of a configuration. `policy`:
    default the usual one, with the `connection_attempts` of the configuration.

    Raise CoprConfigException if there is no `copr_url`.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        generation: int,
        user_agent: Callable[[], str],
        find_auth: Callable[[Mapping[str, Any]], BaseAuth],
        policy: Policy | None = None,
    ) -> None:
        self.config = ConfigDict(config)
        if not self.config.get("copr_url"):
            raise CoprConfigException("The configuration has no copr_url, the URL of the Copr service.")
        self._copr_url = self.config["copr_url"]  # programs may change `config` later
        self.policy = policy or _usual_policy(self.config.get("connection_attempts"))
        self._generation = generation
        self._user_agent = user_agent
        self._find_auth = find_auth
        self._auth: BaseAuth | None = None
        self._transport: Any = None
        self._making = threading.RLock()
        self._process = os.getpid()

    @property
    def base_url(self) -> str:
        """The URL of the API, with its trailing slash."""
        return f"{str(self._copr_url).rstrip('/')}/api_{self._generation}/"

    @property
    def auth(self) -> BaseAuth:
        """The credentials, made when they are first needed.

        Raise CoprAuthException if the configuration has none; the text says how to get some.
        """
        if self._auth is None:  # without the lock, because this is asked for each call
            with self._making:
                if self._auth is None:
                    self._auth = self._find_auth(self.config)
        return self._auth

    def around(self, plan: Flow[T]) -> Generator[Step, Any, T]:
        """Return a plan with this client's retries and timeouts, with login where a call needs it."""
        return persist(with_calls(plan, self._logged_in), self.policy)

    def transport(self) -> Any:
        """Return what sends this client's calls, made when it is first needed.

        Raise CoprConfigException if the configuration has an invalid value.
        """
        if self._process != os.getpid():
            self._leave_to_parent()
        if self._transport is None:
            with self._making:
                if self._transport is None:
                    Config({**self.config, "copr_url": self._copr_url})
                    self._transport = self._make_transport()
        return self._transport

    def drop_transport(self) -> Any:
        """Return the transport, or None if there is none. The next call makes a new one."""
        with self._making:
            transport, self._transport = self._transport, None
        return transport

    def headers(self, call: Call[Any]) -> dict[str, str]:
        """Return the headers that identify the client and the user."""
        headers = {"User-Agent": self._user_agent()}
        if call.login:
            headers.update(self.auth.headers())
        return headers

    def _leave_to_parent(self) -> None:
        """Start without connections in a fork of the process.

        The parent's connections are kept, not closed: the kernel knows the sockets of an event loop as the
        parent's. A lock may be held by a thread that does not exist here, so there is a new one.
        """
        self._of_parent = self._transport
        self._transport, self._making, self._process = None, threading.RLock(), os.getpid()

    def _make_transport(self) -> Any:
        from ._light import LightTransport, is_possible

        if is_possible():
            return LightTransport(self.base_url, self.headers, self.policy)
        from ._requests import RequestsTransport

        return RequestsTransport(self.base_url, self.headers, self.policy)

    def _logged_in(self, call: Call[Any]) -> Generator[Step, Any, Reply]:
        """Carry out a call with login: make credentials first, and renew rejected ones once.

        A call with the response 401 was not carried out, so even a submission can be sent again.
        """
        reply: Reply
        if self.config.get("login_for_reads") and call.path.startswith("/"):
            call = call.with_login()
        if not call.login:
            reply = yield call
            return reply
        auth = self.auth
        if auth.expired:
            yield Work(auth.make)
        reply = yield call
        if reply.status == 401 and auth.renewable:
            yield Work(lambda: auth.make(reauth=True))
            reply = yield call
        if reply.status == 401 and (why := auth.explanation()) is not None:
            raise failure(call, reply, why)
        return reply


def _usual_policy(attempts: object) -> Policy:
    """Return the policy of a client that has none; `attempts`: its configured `connection_attempts`."""
    if os.environ.get("COPR_PATIENCE") == "off":
        return Policy.none()
    return Policy(attempts=max(attempts, 1)) if isinstance(attempts, int) else Policy()


class AsyncConnection(Connection):
    """The connection of one client to its service, for awaiting."""

    async def close(self) -> None:
        """Close all connections; the next call opens new ones."""
        if self._transport is not None:
            await self._transport.close()

    def _make_transport(self) -> Any:
        from importlib.util import find_spec

        from ._light_async import AsyncLightTransport, is_possible

        if is_possible() and find_spec("aiohttp") is not None:
            return AsyncLightTransport(self.base_url, self.headers, self.policy)
        try:
            from ._aiohttp import AiohttpTransport
        except ImportError as cause:
            raise CoprConfigException(
                "The async client needs the packages that `pip install 'copr[async]'` installs."
            ) from cause
        return AiohttpTransport(self.base_url, self.headers, self.policy)
