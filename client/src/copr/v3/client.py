"""The client of API v3: one connection, a proxy for each resource."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

from .._policy import Policy
from .._typing import Any, Self
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
    """A client of one Copr service; its calls block until they are answered.

    `config`: a dict with `copr_url` and, for calls that need login, `login`, `token` and `username`, as
    `config_from_file` returns it; `policy`: how patient to be. The proxies share one pool of connections and
    may be used from any thread. The attribute `config` is that dict, with its credentials hidden from `repr`.

    Raises CoprConfigException where there is no `copr_url`.
    """

    def __init__(self, config: Mapping[str, Any], *, policy: Policy | None = None) -> None:
        self.base_proxy = BaseProxy(config, policy=policy)
        connection = self.base_proxy._connection
        # An attribute, for programs replace it in their tests; the proxies keep theirs.
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
        """Make a client from a configuration file; see `config_from_file` for `path` and errors."""
        config = config_from_file(path)
        # A subclass may know no policy.
        return cls(config) if policy is None else cls(config, policy=policy)
