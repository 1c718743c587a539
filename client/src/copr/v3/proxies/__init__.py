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
from .. import requests as settings
from ..calls import base as calls

__all__ = ["BaseProxy"]


class BaseProxy:
    """What all proxies can do.

    `config`: a dict with `copr_url` and, for calls that need login, `login`, `token` and `username`; or the
    `Connection` of a client to share.

    Raises CoprConfigException where there is no `copr_url`.
    """

    def __init__(self, config: Mapping[str, Any] | Connection) -> None:
        self._connection = config if isinstance(config, Connection) else connect(config)

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

    home = blocking(calls.home)
    auth_check = blocking(calls.auth_check)
    new_api_token = blocking(calls.new_api_token)

    def auth_username(self) -> str:
        """The name of the user whom the configured credentials belong to, as the service knows it.

        Raises what `auth_check` raises. Source: GET /auth-check
        """
        return self.auth_check().name


def connect(config: Mapping[str, Any]) -> Connection:
    """The connection to API v3 of the service that `config` names."""
    return Connection(config, 3, lambda: settings.USER_AGENT)
