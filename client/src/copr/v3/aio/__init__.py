"""The async client of API v3: the proxies and functions of the blocking client, to be awaited.

    async with AsyncClient.create_from_config_file() as client:
        build = await client.build_proxy.get(2545)

It needs the packages that `pip install 'copr[async]'` installs. A client belongs to one event loop.
"""

from .client import AsyncClient
from .pagination import all_pages, next_page, unlimited
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
from .waiting import wait

__all__ = [
    "AsyncBaseProxy",
    "AsyncBuildChrootProxy",
    "AsyncBuildProxy",
    "AsyncClient",
    "AsyncMockChrootProxy",
    "AsyncModuleProxy",
    "AsyncMonitorProxy",
    "AsyncPackageProxy",
    "AsyncProjectChrootProxy",
    "AsyncProjectProxy",
    "AsyncWebhookProxy",
    "all_pages",
    "next_page",
    "unlimited",
    "wait",
]
