"""The async client of API v3: one connection, and a proxy for each resource."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any, Self

from ..._policy import Policy
from ..._typing import evaluable
from ..helpers import config_from_file
from .proxies import (
    AsyncBaseProxy,
    AsyncBuildChrootProxy,
    AsyncBuildProxy,
    AsyncMockChrootProxy,
    AsyncModuleProxy,
    AsyncMonitorProxy,
    AsyncPackageProxy,
    AsyncProjectChrootProxy,
    AsyncProjectProxy,
    AsyncWebhookProxy,
)

__all__ = ["AsyncClient"]


class AsyncClient:
    """A client of one Copr service; the methods of its proxies are coroutines.

    The proxies share one pool of connections. `async with` or `close` closes it. The attribute `config` is
    the configuration; its `repr` hides the credentials.

    :param config: a dict with `copr_url` and, for calls that need login, `login`, `token` and `username`, as
        `config_from_file` returns it.
    :param policy: timeouts and retries. Default: `Policy()`.
    :raises CoprConfigException: `config` has no `copr_url`.
    """

    def __init__(self, config: Mapping[str, Any], *, policy: Policy | None = None) -> None:
        self.base_proxy = AsyncBaseProxy(config, policy=policy)
        connection = self.base_proxy._connection
        self.config: dict[str, Any] = connection.config
        self.project_proxy = AsyncProjectProxy(connection)
        self.build_proxy = AsyncBuildProxy(connection)
        self.package_proxy = AsyncPackageProxy(connection)
        self.module_proxy = AsyncModuleProxy(connection)
        self.mock_chroot_proxy = AsyncMockChrootProxy(connection)
        self.project_chroot_proxy = AsyncProjectChrootProxy(connection)
        self.build_chroot_proxy = AsyncBuildChrootProxy(connection)
        self.monitor_proxy = AsyncMonitorProxy(connection)
        self.webhook_proxy = AsyncWebhookProxy(connection)

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
        return cls(config_from_file(path), policy=policy)

    async def close(self) -> None:
        """Close the connections. The next call opens new ones."""
        await self.base_proxy.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


evaluable(__name__)
