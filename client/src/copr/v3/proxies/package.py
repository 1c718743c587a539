"""The proxy for packages: the sources that a project's builds are made from."""

from __future__ import annotations

from ..._drive import blocking
from ..._late import released_names
from ..calls import package as calls
from . import BaseProxy

__all__ = ["PackageProxy"]


class PackageProxy(BaseProxy):
    """Calls on packages: the sources that a project's builds are made from."""

    get = blocking(calls.get)
    get_list = blocking(calls.get_list)
    add = blocking(calls.add)
    edit = blocking(calls.edit)
    reset = blocking(calls.reset)
    build = blocking(calls.build)
    delete = blocking(calls.delete)


__getattr__ = released_names(__name__)
