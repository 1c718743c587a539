"""The client of API v2: one connection, a handle for each kind of resource.

Rules: a client asks the service for its root when it is made, and so knows whether the service speaks API v2;
where it does not, the same calls are carried out over API v3 (`_bridge`), and nothing here knows of it.
"""

from __future__ import annotations

import os

from .._bridge import OldApi, OldConnection
from .._bridge.warning import warn_once
from .._config import PUBLIC_SERVICE, ConfigDict, read_environment, read_old_config
from .._drive import drive
from .._errors import CoprConfigException, CoprException, CoprValidationException
from .._policy import Policy
from .._typing import TYPE_CHECKING, Any, Self
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
    """What has a handle for each kind of resource."""

    @property
    def projects(self) -> ProjectHandle:
        """The handle of projects."""
        raise NotImplementedError

    @property
    def project(self) -> ProjectHandle:
        """The same as `projects`; the documentation has both spellings."""
        return self.projects

    @property
    def project_chroots(self) -> ProjectChrootHandle:
        """The handle of project chroots."""
        raise NotImplementedError

    @property
    def builds(self) -> BuildHandle:
        """The handle of builds."""
        raise NotImplementedError

    @property
    def build_tasks(self) -> BuildTaskHandle:
        """The handle of build tasks."""
        raise NotImplementedError

    @property
    def mock_chroots(self) -> MockChrootHandle:
        """The handle of the service's chroots."""
        raise NotImplementedError


class CoprClient(UnicodeMixin, HandlersProvider):
    """A client of one Copr service, over API v2.

    `net_client`: who asks; `root_url`: the service's address, default the public service; `no_config`: only
    shown by `str`; `bridge`: true to use API v3 in any case, false for API v2, None to ask the service which
    it has (or as COPR_BRIDGE says); `policy`: how patient to be. Call `post_init` before anything else;
    `create_from_params` and `create_from_file_config` do.

    Raises CoprConfigException where the address cannot be used.
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
        """Make a client.

        `root_url`: the service's address, default the public service; `login`, `token`: as the service's page
        /api shows them, default none; `bridge`, `policy`: see CoprClient.

        Raises CoprConfigException where the address cannot be used, RequestError where the service does not
        answer, or has neither API v2 nor v3.
        """
        client = cls(NetClient(login, token), root_url, no_config=True, bridge=bridge, policy=policy)
        client.post_init()
        return client

    @classmethod
    def create_from_file_config(
        cls, filepath: str | os.PathLike[str] | None = None, ignore_error: bool = False
    ) -> Self:
        """Make a client from a configuration file; the environment (COPR_URL and others) wins over it.

        `filepath`: default $COPR_CONFIG, then ~/.config/copr; `ignore_error`: make a client of the public
        service, without credentials, where the configuration cannot be used.

        Raises CoprNoConfException where there is no file, CoprConfigException where it cannot be used, and
        what `create_from_params` raises.
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
        """Ask the service what it has. Raises RequestError where it does not answer or is no Copr."""
        warn_once("copr.client_v2")
        self.root = Root.from_response(self.carry_out(calls.root()), self.root_url)

    @property
    def api_root(self) -> str:
        """The address of API v2."""
        return f"{self.root_url.rstrip('/')}{calls.API}"

    @property
    def projects(self) -> ProjectHandle:
        """The handle of projects."""
        return ProjectHandle(self, self.nc, self.root_url, self._href("projects"))

    @property
    def project_chroots(self) -> ProjectChrootHandle:
        """The handle of project chroots."""
        return ProjectChrootHandle(self, self.nc, self.root_url)

    @property
    def builds(self) -> BuildHandle:
        """The handle of builds."""
        return BuildHandle(self, self.nc, self.root_url, self._href("builds"))

    @property
    def build_tasks(self) -> BuildTaskHandle:
        """The handle of build tasks."""
        return BuildTaskHandle(self, self.nc, self.root_url, self._href("build_tasks"))

    @property
    def mock_chroots(self) -> MockChrootHandle:
        """The handle of the service's chroots."""
        return MockChrootHandle(self, self.nc, self.root_url, self._href("mock_chroots"))

    @property
    def username(self) -> str | None:
        """The user's name, as far as it is configured."""
        name: str | None = self._connection.config.get("username")
        return name

    def carry_out(self, call: Call[Any]) -> ResponseWrapper:
        """Send a call of API v2, or what it is over API v3.

        Returns the answer. Raises RequestError where it is no success or there is none.
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
        self._connection = OldConnection(config, API_V2, self._policy)

    def _href(self, name: str) -> str:
        links = {} if self.root is None else self.root._links
        return links[name].href if name in links else f"{calls.API}/{name}"

    def __str__(self) -> str:
        return (
            f"<Copr client. api root url: {self.root_url}, config provided: {not self.no_config}, "
            f"net client: {self.nc}>"
        )


def _speaks(reply: Reply) -> bool:
    """Whether a reply to the root's call came from API v2."""
    document = ResponseWrapper(reply).json
    return reply.status == 200 and isinstance(document, dict) and "_links" in document


def _bridge() -> Bridge:
    from .._bridge.v2 import make_bridge

    return make_bridge()


API_V2 = OldApi(2, calls.root(), _speaks, _bridge)
