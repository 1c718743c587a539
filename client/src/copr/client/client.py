"""The legacy client: one class with all methods of API v1.

Rules: what it asks is in the classes that it is made of, one for each subject. It runs on services that have
API v1, and over API v3 on those that have not, and does not know which.
"""

from __future__ import annotations

import os

from .._bridge.warning import warn_once
from .._config import read_old_config
from .._errors import CoprConfigException
from .._policy import Policy
from ._base import Caller
from ._build_sources import BuildSources
from ._calls import post
from ._package_sources import PackageSources
from ._projects import Projects

__all__ = ["CoprClient"]


class CoprClient(Projects, BuildSources, PackageSources, Caller):
    """A client of one Copr service, for scripts that were written for API v1.

    `username`: whose projects are meant where a method names no owner; `login`, `token`: the credentials;
    `copr_url`: the service's address, default the public service; `no_config`: of no account; `bridge`: true
    to use API v3 in any case, false for API v1, None to ask the service which it has (or as COPR_BRIDGE
    says); `policy`: how patient to be.

    All methods raise CoprLoginException where they need login and there is none or it does not count,
    CoprConnectionException or CoprTimeoutException where the service is not reached, and
    CoprUnknownResponseException where what answers is not a Copr service; all of these are
    CoprRequestExceptions. Where API v3 has no words for a call that has to go over it, CoprRequestException
    names the way that it has.
    """

    def __init__(
        self,
        username: str | None = None,
        login: str | None = None,
        token: str | None = None,
        copr_url: str | None = None,
        no_config: bool = False,
        *,
        bridge: bool | None = None,
        policy: Policy | None = None,
    ) -> None:
        warn_once("copr.client.CoprClient")
        super().__init__(username, login, token, copr_url, no_config, bridge=bridge, policy=policy)

    @staticmethod
    def create_from_file_config(
        filepath: str | os.PathLike[str] | None = None, ignore_error: bool = False
    ) -> CoprClient:
        """Make a client from a configuration file; the environment (COPR_URL and others) wins over it.

        `filepath`: default $COPR_CONFIG, then ~/.config/copr; `ignore_error`: make a client of the public
        service, without credentials, where the configuration cannot be used.

        Raises CoprNoConfException where there is no file, CoprConfigException where it cannot be used.
        """
        try:
            config = read_old_config(filepath)
        except CoprConfigException:
            if not ignore_error:
                raise
            return CoprClient(no_config=True)
        client = CoprClient(
            username=config["username"],
            login=config["login"],
            token=config["token"],
            copr_url=config["copr_url"],
        )
        client._settings = config
        return client

    def authentication_check(self) -> None:
        """Ask the service whether the login and token count.

        Raises CoprLoginException where they do not. Source: POST /api/auth_check/
        """
        self._run(post("auth_check", again=True))

    def __str__(self) -> str:
        return (
            f"<Copr client. username: {self.username}, api url: {self.api_url}, "
            f"login presents: {bool(self.login)}, token presents: {bool(self.token)}>"
        )
