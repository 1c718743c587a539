"""The legacy client, for scripts that were written for API v1.

Example::

    from copr.client import CoprClient

    client = CoprClient.create_from_file_config()
    print(client.get_build_details(2545).status)

New scripts use `copr.v3`; docs/migration.md says how each method is written there.
"""

from . import exceptions
from .client import CoprClient

__all__ = ["CoprClient", "exceptions"]
