"""The client of API v2: one connection, and a handle for each kind of resource.

Rules: a new client requests the root of the service, which shows whether the service has API v2. If it does
not, the bridge (`_bridge`) sends the same calls over API v3. No code here depends on that.
"""

from __future__ import annotations

import os

from .._bridge import OldApi, OldConnection
from .._bridge.warning import warn_once
from .._config import PUBLIC_SERVICE, ConfigDict, read_environment, read_old_config
from .._drive import drive
from .._errors import CoprConfigException, CoprException, CoprValidationException
from .._late import released_names
from .._policy import Policy
from .._typing import TYPE_CHECKING, Any, Self, evaluable
from .._wire import Call, Reply
from ..util import UnicodeMixin
from . import _calls as calls
from .handlers import BuildHandle, BuildTaskHandle, MockChrootHandle, ProjectChrootHandle, ProjectHandle
from .net_client import NetClient, ResponseWrapper, request_error
from .resources import Root

if TYPE_CHECKING:
    from .._bridge import Bridge

__all__ = ["CoprClient", "HandlersProvider"]


class HandlersProvider:
    """The interface of a client: it has a handle for each kind of resource."""

    @property
    def projects(self) -> ProjectHandle:
        """The handle for projects."""
        raise NotImplementedError

    @property
    def project(self) -> ProjectHandle:
        """The same handle as `projects`.

        The documentation uses both names.
        """
        return self.projects

    @property
    def project_chroots(self) -> ProjectChrootHandle:
        """The handle for project chroots."""
        raise NotImplementedError

    @property
    def builds(self) -> BuildHandle:
        """The handle for builds."""
        raise NotImplementedError

    @property
    def build_tasks(self) -> BuildTaskHandle:
        """The handle for build tasks."""
        raise NotImplementedError

    @property
    def mock_chroots(self) -> MockChrootHandle:
        """The handle for the chroots of the service."""
        raise NotImplementedError


class CoprClient(UnicodeMixin, HandlersProvider):
    """A client of one Copr service, for scripts that were written for API v2.

    Call `post_init` first; `create_from_params` and `create_from_file_config` do this.

    :param net_client: login and token.
    :param root_url: URL of the service. Default: the public Copr.
    :param no_config: only shown by `str`.
    :param bridge: true to use API v3, false to use API v2. Default: the value of COPR_BRIDGE; without it, the
        service is asked which API it has.
    :param policy: timeouts and retries. Default: `Policy()`.
    :raises CoprConfigException: `root_url` is not a valid URL.
    """

    def __init__(
        self,
        net_client: NetClient,
        root_url: str | None = None,
        no_config: bool = False,
        *,
        bridge: bool | None = None,
        policy: Policy | None = None,
    ) -> None:
        self.nc = net_client
        self.root_url = root_url or PUBLIC_SERVICE
        self.no_config = no_config
        self.root: Root | None = None
        self._policy = policy
        config = net_client.config(self.root_url)
        config["bridge"] = read_environment().get("bridge") if bridge is None else bridge
        self._use(config)

    @classmethod
    def create_from_params(
        cls,
        root_url: str | None = None,
        login: str | None = None,
        token: str | None = None,
        *,
        bridge: bool | None = None,
        policy: Policy | None = None,
    ) -> Self:
        """Return a client of a service.

        :param root_url: URL of the service. Default: the public Copr.
        :param login: login of the API token, as the service's page /api shows it. Default: none.
        :param token: the API token. Default: none.
        :param bridge: as for CoprClient.
        :param policy: as for CoprClient.
        :returns: the client.
        :raises CoprConfigException: `root_url` is not a valid URL.
        :raises RequestError: the service has neither API v2 nor API v3.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        """
        client = cls(NetClient(login, token), root_url, no_config=True, bridge=bridge, policy=policy)
        client.post_init()
        return client

    @classmethod
    def create_from_file_config(
        cls, filepath: str | os.PathLike[str] | None = None, ignore_error: bool = False
    ) -> Self:
        """Return a client that is made from a configuration file.

        Environment variables such as COPR_URL take precedence over the file.

        :param filepath: path of the file. Default: the value of COPR_CONFIG, else `~/.config/copr`.
        :param ignore_error: if the configuration cannot be used, return a client of the public Copr without
            credentials.
        :returns: the client.
        :raises CoprNoConfException: the file does not exist.
        :raises CoprConfigException: the file cannot be read, or has an invalid value.
        :raises RequestError: the service has neither API v2 nor API v3.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        """
        try:
            config = read_old_config(filepath)
        except CoprConfigException:
            if not ignore_error:
                raise
            return cls.create_from_params()
        client = cls(NetClient(config["login"], config["token"]), config["copr_url"])
        client._use(config)
        client.post_init()
        return client

    def post_init(self) -> None:
        """Request the root of the service.

        :raises RequestError: the service has neither API v2 nor API v3.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/``
        """
        warn_once("copr.client_v2")
        self.root = Root.from_response(self.carry_out(calls.root()), self.root_url)

    @property
    def api_root(self) -> str:
        """The URL of API v2."""
        return f"{self.root_url.rstrip('/')}{calls.API}"

    @property
    def projects(self) -> ProjectHandle:
        """The handle for projects."""
        return ProjectHandle(self, self.nc, self.root_url, self._href("projects"))

    @property
    def project_chroots(self) -> ProjectChrootHandle:
        """The handle for project chroots."""
        return ProjectChrootHandle(self, self.nc, self.root_url)

    @property
    def builds(self) -> BuildHandle:
        """The handle for builds."""
        return BuildHandle(self, self.nc, self.root_url, self._href("builds"))

    @property
    def build_tasks(self) -> BuildTaskHandle:
        """The handle for build tasks."""
        return BuildTaskHandle(self, self.nc, self.root_url, self._href("build_tasks"))

    @property
    def mock_chroots(self) -> MockChrootHandle:
        """The handle for the chroots of the service."""
        return MockChrootHandle(self, self.nc, self.root_url, self._href("mock_chroots"))

    @property
    def username(self) -> str | None:
        """The configured name of the user, or None."""
        name: str | None = self._connection.config.get("username")
        return name

    def carry_out(self, call: Call[Any]) -> ResponseWrapper:
        """Send a call of API v2, or its translation to API v3.

        :param call: the call.
        :returns: the response.
        :raises CoprConfigException: the configuration has an invalid value.
        :raises CoprValidationException: the call cannot be sent.
        :raises RequestError: the service reports an error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        """
        connection = self._connection
        try:
            answer: ResponseWrapper = drive(connection.around(call), connection.transport())
        except (CoprConfigException, CoprValidationException):
            raise
        except CoprException as failed:
            error = request_error(failed, call, self.root_url.rstrip("/"))
            if error is failed:
                raise
            raise error from failed
        return answer

    def _use(self, config: ConfigDict) -> None:
        """Use a configuration from now on."""
        self._connection = OldConnection(config, API_V2, self._policy)

    def _href(self, name: str) -> str:
        """Return the path of a kind of resources, as the service told it."""
        links = {} if self.root is None else self.root._links
        return links[name].href if name in links else f"{calls.API}/{name}"

    def __str__(self) -> str:
        return (
            f"<Copr client. api root url: {self.root_url}, config provided: {not self.no_config}, "
            f"net client: {self.nc}>"
        )


def _speaks(reply: Reply) -> bool:
    """Return whether a response to the call of the root is one of API v2."""
    document = ResponseWrapper(reply).json
    return reply.status == 200 and isinstance(document, dict) and "_links" in document


def _bridge() -> Bridge:
    """Return the bridge from API v2 to API v3. It is imported when it is needed."""
    from .._bridge.v2.table import make_bridge

    return make_bridge()


API_V2 = OldApi(2, calls.root(), _speaks, _bridge)


evaluable(__name__)

__getattr__ = released_names(__name__)
