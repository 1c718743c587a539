"""What the proxies of one client share: configuration, credentials, patience, and one transport.

Rules: nothing is opened, imported or checked before the first call; from then on one frozen configuration and
one transport (one pool of connections, one TLS context) serve all calls, from any thread. A fork of the
process opens connections of its own: two processes that read from one would get each other's answers.
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
    """One client's way to its service.

    `config`: a mapping as `read_config` makes it, copied. `generation`: of the API, 3 for API v3.
    `user_agent`: asked each time something is sent. `find_auth`: makes the credentials of a configuration.
    `policy`: how patient the client is; default: the usual, with the `connection_attempts` of the
    configuration.

    Raises CoprConfigException where there is no `copr_url`.
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
            raise CoprConfigException("The configuration has no copr_url, the address of the Copr service.")
        attempts = self.config.get("connection_attempts")
        self.policy = policy or (Policy(attempts=max(attempts, 1)) if isinstance(attempts, int) else Policy())
        self._generation = generation
        self._user_agent = user_agent
        self._find_auth = find_auth
        self._auth: BaseAuth | None = None
        self._transport: Any = None
        self._making = threading.RLock()
        self._process = os.getpid()

    @property
    def base_url(self) -> str:
        """The address of the API, with its last slash."""
        return f"{str(self.config['copr_url']).rstrip('/')}/api_{self._generation}/"

    @property
    def auth(self) -> BaseAuth:
        """The credentials, made when first asked for.

        Raises CoprAuthException, saying where credentials come from, where the configuration has none.
        """
        if self._auth is None:
            with self._making:
                if self._auth is None:
                    self._auth = self._find_auth(self.config)
        return self._auth

    def around(self, plan: Flow[T]) -> Generator[Step, Any, T]:
        """A plan, carried out with this client's patience, and logged in where a call needs it."""
        return persist(with_calls(plan, self._logged_in), self.policy)

    def transport(self) -> Any:
        """What sends this client's calls, made when first asked for.

        Raises CoprConfigException where the configuration cannot be used.
        """
        if self._process != os.getpid():
            self._leave_to_parent()
        if self._transport is None:
            with self._making:
                if self._transport is None:
                    Config(self.config)
                    self._transport = self._make_transport()
        return self._transport

    def headers(self, call: Call[Any]) -> dict[str, str]:
        """The headers that say who asks."""
        headers = {"User-Agent": self._user_agent()}
        if call.login:
            headers.update(self.auth.headers())
        return headers

    def _leave_to_parent(self) -> None:
        """Begin anew in a fork of the process. What the parent has open is kept, not closed, for an event
        loop's own sockets are known to the kernel as the parent's; a lock may be held by a thread that is not
        here."""
        self._of_parent = self._transport
        self._transport, self._making, self._process = None, threading.RLock(), os.getpid()

    def _make_transport(self) -> Any:
        from ._requests import RequestsTransport

        return RequestsTransport(self.base_url, self.headers, self.policy)

    def _logged_in(self, call: Call[Any]) -> Generator[Step, Any, Reply]:
        """A call that finds the credentials ready, and is asked again with new ones if that may help.

        A call that was answered 401 was not carried out, so even a submission may be sent again.
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


class AsyncConnection(Connection):
    """A client's way to its service, for awaiting."""

    async def close(self) -> None:
        """Close what is open; the next call opens it anew."""
        if self._transport is not None:
            await self._transport.close()

    def _make_transport(self) -> Any:
        try:
            from ._aiohttp import AiohttpTransport
        except ImportError as cause:
            raise CoprConfigException(
                "The async client needs the package that `pip install copr[async]` installs."
            ) from cause
        return AiohttpTransport(self.base_url, self.headers, self.policy)
