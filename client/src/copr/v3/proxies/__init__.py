"""The proxies of API v3: one class per resource. Each method is made of the call with the same name.

Rules: a proxy holds a connection and nothing else; `copr.v3.calls` has the code of its methods.
"""

from __future__ import annotations

from ..._drive import blocking
from ..._late import released_names
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
    """Methods that all proxies have.

    :param config: a dict with `copr_url` and, for calls that need login, `login`, `token` and `username`. A
        client passes its connection instead, so that its proxies share it.
    :param policy: timeouts and retries. Default: `Policy()`.
    :raises CoprConfigException: `config` has no `copr_url`.
    """

    home = blocking(calls.home)
    auth_check = blocking(calls.auth_check)
    new_api_token = blocking(calls.new_api_token)
    download = blocking(downloads.download)

    def auth_username(self) -> str | None:
        """Return the name of the user whose credentials are configured.

        The service is asked only if the configuration has no `username`, and only once.

        :returns: the name of the user, or None if the service's response has none.
        :raises CoprAuthException: no credentials are configured, or the service does not accept them.
        :raises CoprRequestException: the service reports another error.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``GET /auth-check``
        """
        if not self.auth.username:
            self.auth.username = getattr(self.auth_check(), "name", None)
        return self.auth.username


__getattr__ = released_names(__name__)
