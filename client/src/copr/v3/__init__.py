"""The client of Copr's API v3.

from copr.v3 import Client

client = Client.create_from_config_file()
print(client.build_proxy.get(2545).state)
"""

from .client import Client
from .exceptions import (
    CoprAuthException,
    CoprConfigException,
    CoprConnectionException,
    CoprException,
    CoprNoConfigException,
    CoprNoResultException,
    CoprRequestException,
    CoprTimeoutException,
    CoprUnknownResponseException,
    CoprValidationException,
)
from .helpers import DEFAULT_CONFIG_PATH, config_from_file, succeeded, wait
from .proxies import BaseProxy
from .proxies.build import BuildProxy
from .proxies.build_chroot import BuildChrootProxy
from .proxies.mock_chroot import MockChrootProxy
from .proxies.project import ProjectProxy

__all__ = [
    "DEFAULT_CONFIG_PATH",
    "BaseProxy",
    "BuildChrootProxy",
    "BuildProxy",
    "Client",
    "CoprAuthException",
    "CoprConfigException",
    "CoprConnectionException",
    "CoprException",
    "CoprNoConfigException",
    "CoprNoResultException",
    "CoprRequestException",
    "CoprTimeoutException",
    "CoprUnknownResponseException",
    "CoprValidationException",
    "MockChrootProxy",
    "ProjectProxy",
    "config_from_file",
    "succeeded",
    "wait",
]
