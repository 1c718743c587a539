"""The base class of blocking and async proxies: it holds a connection, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

from ..._config import ConfigDict
from ..._connection import Connection
from ..._policy import Policy
from ..._typing import Any, Self, evaluable
from .. import requests as settings
from ..auth import BaseAuth, auth_from_config
from ..helpers import config_from_file


class Proxy:
    """A group of calls to one Copr service.

    :param config: a dict with `copr_url` and, for calls that need login, `login`, `token` and `username`; or
        the connection of a client, to share it.
    :param policy: timeouts and retries. Default: `Policy()`. It is ignored if `config` is a connection.
    :raises CoprConfigException: `config` has no `copr_url`.
    """

    _connection_class: type[Connection] = Connection

    def __init__(self, config: Mapping[str, Any] | Connection, *, policy: Policy | None = None) -> None:
        if not isinstance(config, Connection):
            config = self._connection_class(config, 3, lambda: settings.USER_AGENT, auth_from_config, policy)
        self._connection = config
        self._request: Any = None

    def __copy__(self) -> Self:
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)  # with the connection: any number of proxies may share one
        return made

    def __deepcopy__(self, _memo: object) -> Self:
        return self.__copy__()

    def __reduce__(self) -> Any:
        raise TypeError(
            f"A {type(self).__name__} holds credentials and connections, so it is not pickled. "
            "Make one in each process, or pass its config to the other process."
        )

    @classmethod
    def create_from_config_file(cls, path: str | PathLike[str] | None = None) -> Self:
        """Return a proxy of this class, made from a configuration file.

        :param path: path of the file. Default: as for `config_from_file`.
        :returns: the proxy.
        :raises CoprConfigException: the file is missing, cannot be read, or has an invalid value.
        """
        return cls(config_from_file(path))

    @property
    def config(self) -> ConfigDict:
        """The configuration: a dict whose `repr` hides the credentials.

        It may be replaced.
        """
        return self._connection.config

    @config.setter
    def config(self, config: Mapping[str, Any]) -> None:
        # The __init__ of a program's subclass may set this before it calls the one of this class.
        before = getattr(self, "_connection", None)
        Proxy.__init__(self, config, policy=before and before.policy)

    @property
    def request(self) -> settings.Request:
        """A way to call endpoints that have no method: `proxy.request.send(endpoint, auth=proxy.auth)`.

        Tests may replace it, or its `send`. Then the methods of the proxy use what is in its place.
        """
        if self._request is None:
            self._request = settings._class_in_use()(self.api_base_url, self._connection.policy.attempts)
        request: settings.Request = self._request
        return request

    @request.setter
    def request(self, request: Any) -> None:
        self._request = request

    def _replaced_request(self) -> Any:
        """Return what carries calls out if a program replaced `request` or its class; usually None."""
        return settings._replaced(self) if settings._is_replaced(self._request) else None

    @property
    def api_base_url(self) -> str:
        """The URL of the API, with a slash at the end."""
        return self._connection.base_url

    @property
    def auth(self) -> BaseAuth:
        """The credentials of the configuration.

        :raises CoprAuthException: the configuration has no credentials.
        :raises CoprConfigException: the configuration has an invalid value.
        """
        return self._connection.auth


evaluable(__name__, Proxy)
