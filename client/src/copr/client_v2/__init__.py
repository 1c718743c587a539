"""The client of API v2, for scripts that were written for it.

Example::

    from copr import create_client2_from_params

    client = create_client2_from_params("https://copr.fedorainfracloud.org")
    for project in client.projects.get_list(owner="alice"):
        print(project)
"""

from .client import CoprClient

__all__ = ["CoprClient"]
