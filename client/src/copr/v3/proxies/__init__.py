"""The proxies of API v3: one class per resource, each method made of a call of the same name.

Rules: a proxy holds a connection and nothing else; what its methods do is written in `calls`.
"""

from __future__ import annotations

from ..._drive import blocking
from ..auth import auth_from_config
from ..calls import base as calls
from ..calls import download as downloads
from ..helpers import bind_proxy, config_from_file, for_all_methods
from ..requests import POST, FileRequest, Request, munchify
from ._proxy import Proxy

__all__ = [
    "POST",
    "BaseProxy",
    "FileRequest",
    "Request",
    "auth_from_config",
    "bind_proxy",
    "config_from_file",
    "for_all_methods",
    "munchify",
]


class BaseProxy(Proxy):
    """What all proxies can do.

    `config`: a dict with `copr_url` and, for calls that need login, `login`, `token` and `username`.
    `policy`: how patient to be.

    Raises CoprConfigException where there is no `copr_url`.
    """

    home = blocking(calls.home)
    auth_check = blocking(calls.auth_check)
    new_api_token = blocking(calls.new_api_token)
    download = blocking(downloads.download)

    def auth_username(self) -> str | None:
        """The name of the user whose credentials are configured.

        Returns the configured `username`; without one, the name that the service knows.

        Raises CoprAuthException where there are no credentials or the service does not accept them. Source:
        GET /auth-check
        """
        if not self.auth.username:
            self.auth.username = getattr(self.auth_check(), "name", None)
        return self.auth.username
