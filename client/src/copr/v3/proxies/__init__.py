"""The proxies of API v3: one class per resource, each method made of a call of the same name.

Rules: a proxy holds a connection and nothing else; what its methods do is written in `calls`.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any, Self

from ..._config import ConfigDict, read_config
from ..._connection import Connection
from ..._drive import blocking
from ..._policy import Policy
from .. import requests as settings
from ..auth import BaseAuth, auth_from_config
from ..calls import base as calls

__all__ = ["BaseProxy"]


class BaseProxy:
    """What all proxies can do.

    `config`: a dict with `copr_url` and, for calls that need login, `login`, `token` and `username`; or the
    `Connection` of a client to share. `policy`: how patient to be.

    Raises CoprConfigException where there is no `copr_url`.
    """

    def __init__(self, config: Mapping[str, Any] | Connection, *, policy: Policy | None = None) -> None:
        if not isinstance(config, Connection):
            config = Connection(config, 3, lambda: settings.USER_AGENT, auth_from_config, policy)
        self._connection = config

    @classmethod
    def create_from_config_file(cls, path: str | PathLike[str] | None = None) -> Self:
        """Make a proxy of this class from a configuration file; see `config_from_file` for `path` and
        errors."""
        return cls(read_config(path))

    @property
    def config(self) -> ConfigDict:
        """The configuration, as a dict; its `repr` hides the credentials."""
        return self._connection.config

    @property
    def api_base_url(self) -> str:
        """The address of the API, with its last slash."""
        return self._connection.base_url

    @property
    def auth(self) -> BaseAuth:
        """The credentials of the configuration. Raises CoprAuthException where it has none."""
        return self._connection.auth

    home = blocking(calls.home)
    auth_check = blocking(calls.auth_check)
    new_api_token = blocking(calls.new_api_token)

    def auth_username(self) -> str | None:
        """The name of the user whose credentials are configured.

        Returns the configured `username`; without one, and with Kerberos, the name that the service knows.

        Raises CoprAuthException where there are no credentials or the service does not accept them. Source:
        GET /auth-check
        """
        if not self.auth.username:
            self.auth.username = self.auth_check().name
        return self.auth.username
