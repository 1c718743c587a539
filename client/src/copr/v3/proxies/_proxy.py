"""What blocking and async proxies have in common: a connection, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

from ..._config import ConfigDict
from ..._connection import Connection
from ..._policy import Policy
from ..._typing import Any, Self
from .. import requests as settings
from ..auth import BaseAuth, auth_from_config
from ..helpers import config_from_file


class Proxy:
    """A group of calls to one Copr service.

    `config`: a dict with `copr_url` and, for calls that need login, `login`, `token` and `username`; or the
    connection of a client to share. `policy`: how patient to be.

    Raises CoprConfigException where there is no `copr_url`.
    """

    _connection_class: type[Connection] = Connection

    def __init__(self, config: Mapping[str, Any] | Connection, *, policy: Policy | None = None) -> None:
        if not isinstance(config, Connection):
            config = self._connection_class(config, 3, lambda: settings.USER_AGENT, auth_from_config, policy)
        self._connection = config

    def __copy__(self) -> Self:
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)  # the connection too: any number of proxies may share it
        return made

    def __deepcopy__(self, _memo: object) -> Self:
        return self.__copy__()

    def __reduce__(self) -> Any:
        raise TypeError(
            f"A {type(self).__name__} holds credentials and connections, so it is not pickled. "
            "Make one in each process, or hand on its config."
        )

    @classmethod
    def create_from_config_file(cls, path: str | PathLike[str] | None = None) -> Self:
        """Make a proxy of this class from a configuration file; see `config_from_file` for `path` and
        errors."""
        return cls(config_from_file(path))

    @property
    def config(self) -> ConfigDict:
        """The configuration, as a dict; its `repr` hides the credentials; another one may be set."""
        return self._connection.config

    @config.setter
    def config(self, config: Mapping[str, Any]) -> None:
        # Subclasses have an __init__ of their own, and may set this before they call the one of here.
        before = getattr(self, "_connection", None)
        Proxy.__init__(self, config, policy=before and before.policy)

    @property
    def request(self) -> settings.Request:
        """For endpoints that no method has: `proxy.request.send(endpoint, auth=proxy.auth)`."""
        return settings.Request(self.api_base_url, self._connection.policy.attempts)

    @property
    def api_base_url(self) -> str:
        """The address of the API, with its last slash."""
        return self._connection.base_url

    @property
    def auth(self) -> BaseAuth:
        """The credentials of the configuration. Raises CoprAuthException where it has none."""
        return self._connection.auth
