"""The blocking client of API v3: one connection, and a proxy for each resource."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

from .._policy import Policy
from .._typing import Any, Self, evaluable
from .helpers import config_from_file
from .proxies import BaseProxy
from .proxies.build import BuildProxy
from .proxies.build_chroot import BuildChrootProxy
from .proxies.mock_chroot import MockChrootProxy
from .proxies.module import ModuleProxy
from .proxies.monitor import MonitorProxy
from .proxies.package import PackageProxy
from .proxies.project import ProjectProxy
from .proxies.project_chroot import ProjectChrootProxy
from .proxies.webhook import WebhookProxy

__all__ = ["Client"]


class Client:
    """A client of one Copr service; the methods of its proxies block until the service has responded.

    The proxies share one pool of connections, and can be used from any thread. `with` or `close` closes it.
    The attribute `config` is the configuration; its `repr` hides the credentials.

    :param config: a dict with `copr_url` and, for calls that need login, `login`, `token` and `username`, as
        `config_from_file` returns it.
    :param policy: timeouts and retries. Default: `Policy()`.
    :raises CoprConfigException: `config` has no `copr_url`.
    """

    def __init__(self, config: Mapping[str, Any], *, policy: Policy | None = None) -> None:
        self.base_proxy = BaseProxy(config, policy=policy)
        connection = self.base_proxy._connection
        # Not a property: programs replace it in their tests. The proxies keep their own.
        self.config: dict[str, Any] = connection.config
        self.project_proxy = ProjectProxy(connection)
        self.build_proxy = BuildProxy(connection)
        self.package_proxy = PackageProxy(connection)
        self.module_proxy = ModuleProxy(connection)
        self.mock_chroot_proxy = MockChrootProxy(connection)
        self.project_chroot_proxy = ProjectChrootProxy(connection)
        self.build_chroot_proxy = BuildChrootProxy(connection)
        self.monitor_proxy = MonitorProxy(connection)
        self.webhook_proxy = WebhookProxy(connection)

    @classmethod
    def create_from_config_file(
        cls, path: str | PathLike[str] | None = None, *, policy: Policy | None = None
    ) -> Self:
        """Return a client, made from a configuration file.

        :param path: path of the file. Default: as for `config_from_file`.
        :param policy: timeouts and retries. Default: `Policy()`.
        :returns: the client.
        :raises CoprConfigException: the file is missing, cannot be read, or has an invalid value.
        """
        config = config_from_file(path)
        # A subclass may have an __init__ without `policy`.
        return cls(config) if policy is None else cls(config, policy=policy)

    def close(self) -> None:
        """Close the connections. The next call opens new ones."""
        transport = self.base_proxy._connection.drop_transport()
        if transport is not None:
            transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


evaluable(__name__, Client)
