"""The proxy for builds."""

from __future__ import annotations

from collections.abc import Mapping

from ..._drive import blocking
from ..._late import released_names
from ..._typing import TYPE_CHECKING, Any, evaluable
from ..calls import build as calls
from ..calls import many, submit
from . import BaseProxy

if TYPE_CHECKING:
    from ...results import Build

__all__ = ["BuildProxy"]


class BuildProxy(BaseProxy):
    """Calls that read, submit, cancel and delete builds."""

    get = blocking(calls.get)
    get_many = blocking(calls.get_many)
    get_source_chroot = blocking(calls.get_source_chroot)
    get_source_build_config = blocking(calls.get_source_build_config)
    get_built_packages = blocking(calls.get_built_packages)
    get_list = blocking(calls.get_list)
    cancel = blocking(calls.cancel)
    delete = blocking(calls.delete)
    delete_list = blocking(calls.delete_list)
    cancel_list = blocking(many.cancel_list)

    create_from_urls = blocking(submit.create_from_urls)
    create_from_file = blocking(submit.create_from_file)
    create_from_rpm_upload = blocking(submit.create_from_rpm_upload)
    create_from_scm = blocking(submit.create_from_scm)
    create_from_distgit = blocking(submit.create_from_distgit)
    create_from_pypi = blocking(submit.create_from_pypi)
    create_from_rubygems = blocking(submit.create_from_rubygems)
    create_from_custom = blocking(submit.create_from_custom)
    create_in_order = blocking(many.create_in_order)
    rebuild_failed = blocking(many.rebuild_failed)
    check_before_build = blocking(submit.check_before_build)

    def create_from_url(
        self,
        ownername: str,
        projectname: str,
        url: str,
        buildopts: Mapping[str, Any] | None = None,
        project_dirname: str | None = None,
    ) -> Build:
        # Programs replace create_from_urls in their tests, and expect that this method calls it.
        builds = self.create_from_urls(
            ownername, projectname, [submit.one_url(url)], buildopts, project_dirname
        )
        return submit.the_build(builds)

    create_from_url.__doc__ = submit.create_from_url.__doc__


evaluable(__name__, BuildProxy)

__getattr__ = released_names(__name__)
