"""The async client of API v3: one connection, and a proxy for each resource."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any, Self

from ..._policy import Policy
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
    """A client of one Copr service, to be awaited.

    `config`: a dict as for `Client`; `policy`: how patient to be. The proxies share one pool of connections,
    which `async with` or `close` closes. The attribute `config` is that dict, with its credentials hidden
    from `repr`.

    Raises CoprConfigException where there is no `copr_url`.
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
        """Make a client from a configuration file; see `config_from_file` for `path` and errors."""
        return cls(config_from_file(path), policy=policy)

    async def close(self) -> None:
        """Close the connections."""
        await self.base_proxy.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
