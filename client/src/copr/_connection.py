"""What the proxies of one client share: configuration, credentials, and one transport.

Rules: nothing is opened, imported or checked before the first call; from then on one frozen configuration and
one transport (one pool of connections, one TLS context) serve all calls, from any thread.
"""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ._config import Config, ConfigDict
from ._errors import CoprAuthException, CoprConfigException

if TYPE_CHECKING:
    from ._wire import Call, Reply


class Connection:
    """One client's way to its service.

    `config`: a mapping as `read_config` makes it, copied. `generation`: of the API, 3 for API v3.
    `user_agent`: asked each time something is sent.

    Raises CoprConfigException where there is no `copr_url`.
    """

    def __init__(self, config: Mapping[str, Any], generation: int, user_agent: Callable[[], str]) -> None:
        self.config = ConfigDict(config)
        if not self.config.get("copr_url"):
            raise CoprConfigException("The configuration has no copr_url, the address of the Copr service.")
        self._generation = generation
        self._user_agent = user_agent
        self._transport: Callable[[Call[Any]], Reply] | None = None
        self._making = threading.Lock()

    @property
    def base_url(self) -> str:
        """The address of the API, with its last slash."""
        return f"{str(self.config['copr_url']).rstrip('/')}/api_{self._generation}/"

    def transport(self) -> Callable[[Call[Any]], Reply]:
        """What sends this client's calls, made when first asked for.

        Raises CoprConfigException where the configuration cannot be used.
        """
        if self._transport is None:
            with self._making:
                if self._transport is None:
                    self._transport = self._make_transport()
        return self._transport

    def _make_transport(self) -> Callable[[Call[Any]], Reply]:
        from ._requests import RequestsTransport

        config = Config(self.config)

        def headers(call: Call[Any]) -> dict[str, str]:
            sent = {"User-Agent": self._user_agent()}
            if call.login:
                sent["Authorization"] = authorization(config)
            return sent

        return RequestsTransport(self.base_url, headers)


def authorization(config: Config) -> str:
    """The Authorization header of a configuration's login and token (RFC 7617).

    Raises CoprAuthException, saying where credentials come from, where there are none.
    """
    if config.login is None or config.token is None:
        lacking = "login and token" if config.login is config.token else "login" if config.token else "token"
        raise CoprAuthException(
            f"This needs login, and {config.origin('login')} has no {lacking} for {config.copr_url}. "
            f"Get them from {config.copr_url}/api and put them into ~/.config/copr, the environment "
            "(COPR_LOGIN, COPR_TOKEN) or the configuration that the client is made with."
        )
    return "Basic " + b64encode(f"{config.login}:{config.token}".encode()).decode()
