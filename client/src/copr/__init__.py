"""The Python client of the Copr build service; start with `from copr.v3 import Client`.

The modules of the old clients are imported when one of their names is first used.
"""

from ._typing import TYPE_CHECKING, Any
from ._version import __version__

if TYPE_CHECKING:
    from . import client, client_v2, exceptions
    from .client import CoprClient
    from .client_v2.client import CoprClient as ClientV2

    create_client2_from_params = ClientV2.create_from_params
    create_client2_from_file_config = ClientV2.create_from_file_config

__all__ = [
    "ClientV2",
    "CoprClient",
    "__version__",
    "client",
    "client_v2",
    "create_client2_from_file_config",
    "create_client2_from_params",
    "exceptions",
]


def __getattr__(name: str) -> Any:
    if name in ("client", "client_v2", "exceptions"):
        from importlib import import_module

        return import_module(f".{name}", __name__)
    if name == "CoprClient":
        from .client import CoprClient

        return CoprClient
    if name in ("ClientV2", "create_client2_from_file_config", "create_client2_from_params"):
        from .client_v2.client import CoprClient as ClientV2

        return ClientV2 if name == "ClientV2" else getattr(ClientV2, name.replace("create_client2", "create"))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
