"""The proxy for project chroots: the settings of a project for one chroot."""

from __future__ import annotations

from ..._drive import blocking
from ..._late import released_names
from ..calls import project_chroot as calls
from . import BaseProxy

__all__ = ["ProjectChrootProxy"]


class ProjectChrootProxy(BaseProxy):
    """Calls on project chroots: the settings of a project for one chroot."""

    get = blocking(calls.get)
    get_build_config = blocking(calls.get_build_config)
    edit = blocking(calls.edit)


__getattr__ = released_names(__name__)
