"""The proxy for build chroots: the part of a build that is for one chroot."""

from __future__ import annotations

from ..._drive import blocking
from ..._late import released_names
from ..calls import build_chroot as calls
from ..calls import download as downloads
from ..calls import logs
from . import BaseProxy

__all__ = ["BuildChrootProxy"]


class BuildChrootProxy(BaseProxy):
    """Calls on build chroots: state, packages and logs of a build in one chroot."""

    get = blocking(calls.get)
    get_list = blocking(calls.get_list)
    get_build_config = blocking(calls.get_build_config)
    get_built_packages = blocking(calls.get_built_packages)
    download_packages = blocking(downloads.download_packages)
    get_log = blocking(logs.get_log)
    follow_log = blocking(logs.follow_log)


__getattr__ = released_names(__name__)
