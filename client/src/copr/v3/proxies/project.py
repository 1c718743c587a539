"""The proxy for projects."""

from __future__ import annotations

from ..._drive import blocking
from ..._late import released_names
from ..calls import permissions
from ..calls import project as calls
from . import BaseProxy

__all__ = ["ProjectProxy"]


class ProjectProxy(BaseProxy):
    """Calls on projects, and on the permissions of users in them."""

    get = blocking(calls.get)
    get_list = blocking(calls.get_list)
    search = blocking(calls.search)
    add = blocking(calls.add)
    edit = blocking(calls.edit)
    edit_chroots = blocking(calls.edit_chroots)
    delete = blocking(calls.delete)
    fork = blocking(calls.fork)
    regenerate_repos = blocking(calls.regenerate_repos)

    can_build_in = blocking(permissions.can_build_in)
    get_permissions = blocking(permissions.get_permissions)
    set_permissions = blocking(permissions.set_permissions)
    request_permissions = blocking(permissions.request_permissions)


__getattr__ = released_names(__name__)
