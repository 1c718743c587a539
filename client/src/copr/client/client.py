"""The legacy client: one class with all methods of API v1.

Rules: its base classes have the calls, one class for each subject. They work the same way whether the service
has API v1 or the bridge translates the calls to API v3.
"""

from __future__ import annotations

import os

from .._bridge.warning import warn_once
from .._config import read_old_config
from .._errors import CoprConfigException
from .._late import released_names
from .._policy import Policy
from .._typing import evaluable
from ._base import Caller
from ._build_sources import BuildSources
from ._calls import post
from ._package_sources import PackageSources
from ._project_chroots import ProjectChroots
from ._projects import Projects

__all__ = ["CoprClient"]


class CoprClient(Projects, ProjectChroots, BuildSources, PackageSources, Caller):
    """A client of one Copr service, for scripts that were written for API v1.

    All methods raise CoprRequestException. Its subclasses are CoprLoginException, CoprConnectionException,
    CoprUnknownResponseException and others; a timeout is a CoprTimeoutException too. If a call has to go over
    API v3, and API v3 cannot do it, the text of the CoprRequestException names another way.

    :param username: the user. Methods that are given no owner use the projects of this user.
    :param login: login of the API token.
    :param token: the API token.
    :param copr_url: URL of the service. Default: the public Copr.
    :param no_config: ignored.
    :param bridge: true to use API v3, false to use API v1. Default: the value of COPR_BRIDGE; without it, the
        service is asked which API it has.
    :param policy: timeouts and retries. Default: `Policy()`.
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
        """Return a client that is made from a configuration file.

        Environment variables such as COPR_URL take precedence over the file.

        :param filepath: path of the file. Default: the value of COPR_CONFIG, else `~/.config/copr`.
        :param ignore_error: if the configuration cannot be used, return a client of the public Copr without
            credentials.
        :returns: the client.
        :raises CoprNoConfException: the file does not exist.
        :raises CoprConfigException: the file cannot be read, or has an invalid value.
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
        """Check that the service accepts the login and token.

        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the service reports another error.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/auth_check/``
        """
        self._run(post("auth_check", again=True))

    def __str__(self) -> str:
        return (
            f"<Copr client. username: {self.username}, api url: {self.api_url}, "
            f"login presents: {bool(self.login)}, token presents: {bool(self.token)}>"
        )


evaluable(__name__)

__getattr__ = released_names(__name__)
