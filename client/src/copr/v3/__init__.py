"""The client of Copr's API v3.

Example::

    from copr.v3 import Client

    client = Client.create_from_config_file()
    print(client.build_proxy.get(2545).state)
"""

from .._policy import Policy
from .._typing import TYPE_CHECKING, Any
from .client import Client
from .exceptions import (
    CoprAuthException,
    CoprConfigException,
    CoprConnectionException,
    CoprException,
    CoprLoginException,
    CoprNoConfigException,
    CoprNoResultException,
    CoprRequestException,
    CoprSubmissionUnknown,
    CoprTimeoutException,
    CoprUnknownResponseException,
    CoprValidationException,
)
from .helpers import DEFAULT_CONFIG_PATH, config_from_file, succeeded, wait
from .pagination import all_pages, next_page, unlimited
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

if TYPE_CHECKING:
    from .aio import AsyncClient

__all__ = [
    "DEFAULT_CONFIG_PATH",
    "AsyncClient",
    "BaseProxy",
    "BuildChrootProxy",
    "BuildProxy",
    "Client",
    "CoprAuthException",
    "CoprConfigException",
    "CoprConnectionException",
    "CoprException",
    "CoprLoginException",
    "CoprNoConfigException",
    "CoprNoResultException",
    "CoprRequestException",
    "CoprSubmissionUnknown",
    "CoprTimeoutException",
    "CoprUnknownResponseException",
    "CoprValidationException",
    "MockChrootProxy",
    "ModuleProxy",
    "MonitorProxy",
    "PackageProxy",
    "Policy",
    "ProjectChrootProxy",
    "ProjectProxy",
    "WebhookProxy",
    "all_pages",
    "config_from_file",
    "next_page",
    "succeeded",
    "unlimited",
    "wait",
]


def __getattr__(name: str) -> Any:
    if name == "AsyncClient":  # asyncio is slow to import
        from .aio import AsyncClient

        return AsyncClient
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
