"""The async proxies: the proxies of the blocking client, with methods that are awaited.

Rules: a method is made of the same plan as the blocking one, so both clients have the same methods.
"""

from __future__ import annotations

from typing import Self

from ..._connection import AsyncConnection
from ..._drive import awaiting
from ..._typing import evaluable
from ..calls import (
    base,
    build,
    build_chroot,
    logs,
    many,
    mock_chroot,
    module,
    monitor,
    package,
    permissions,
    project,
    project_chroot,
    submit,
    webhook,
)
from ..calls import download as downloads
from ..proxies._proxy import Proxy

__all__ = [
    "AsyncBaseProxy",
    "AsyncBuildChrootProxy",
    "AsyncBuildProxy",
    "AsyncMockChrootProxy",
    "AsyncModuleProxy",
    "AsyncMonitorProxy",
    "AsyncPackageProxy",
    "AsyncProjectChrootProxy",
    "AsyncProjectProxy",
    "AsyncWebhookProxy",
]


class AsyncBaseProxy(Proxy):
    """Methods that all async proxies have; see `BaseProxy`."""

    _connection: AsyncConnection
    _connection_class = AsyncConnection

    async def close(self) -> None:
        """Close the connections. The next call opens new ones."""
        await self._connection.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    home = awaiting(base.home)
    auth_check = awaiting(base.auth_check)
    new_api_token = awaiting(base.new_api_token)
    download = awaiting(downloads.download)

    async def auth_username(self) -> str | None:
        """Return the name of the user whose credentials are configured.

        The service is asked only if the configuration has no `username`, and only once.

        :returns: the name of the user, or None if the service's response has none.
        :raises CoprAuthException: no credentials are configured, or the service does not accept them.
        :raises CoprRequestException: the service reports another error.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``GET /auth-check``
        """
        if not self.auth.username:
            self.auth.username = getattr(await self.auth_check(), "name", None)
        return self.auth.username


class AsyncBuildProxy(AsyncBaseProxy):
    """Calls on builds."""

    get = awaiting(build.get)
    get_many = awaiting(build.get_many)
    get_source_chroot = awaiting(build.get_source_chroot)
    get_source_build_config = awaiting(build.get_source_build_config)
    get_built_packages = awaiting(build.get_built_packages)
    get_list = awaiting(build.get_list)
    cancel = awaiting(build.cancel)
    delete = awaiting(build.delete)
    delete_list = awaiting(build.delete_list)
    cancel_list = awaiting(many.cancel_list)
    create_from_urls = awaiting(submit.create_from_urls)
    create_from_url = awaiting(submit.create_from_url)
    create_from_file = awaiting(submit.create_from_file)
    create_from_rpm_upload = awaiting(submit.create_from_rpm_upload)
    create_from_scm = awaiting(submit.create_from_scm)
    create_from_distgit = awaiting(submit.create_from_distgit)
    create_from_pypi = awaiting(submit.create_from_pypi)
    create_from_rubygems = awaiting(submit.create_from_rubygems)
    create_from_custom = awaiting(submit.create_from_custom)
    create_in_order = awaiting(many.create_in_order)
    rebuild_failed = awaiting(many.rebuild_failed)
    check_before_build = awaiting(submit.check_before_build)


class AsyncPackageProxy(AsyncBaseProxy):
    """Calls on packages, the sources of a project's builds."""

    get = awaiting(package.get)
    get_list = awaiting(package.get_list)
    add = awaiting(package.add)
    edit = awaiting(package.edit)
    reset = awaiting(package.reset)
    build = awaiting(package.build)
    delete = awaiting(package.delete)


class AsyncProjectProxy(AsyncBaseProxy):
    """Calls on projects and their permissions."""

    get = awaiting(project.get)
    get_list = awaiting(project.get_list)
    search = awaiting(project.search)
    add = awaiting(project.add)
    edit = awaiting(project.edit)
    edit_chroots = awaiting(project.edit_chroots)
    delete = awaiting(project.delete)
    fork = awaiting(project.fork)
    regenerate_repos = awaiting(project.regenerate_repos)
    can_build_in = awaiting(permissions.can_build_in)
    get_permissions = awaiting(permissions.get_permissions)
    set_permissions = awaiting(permissions.set_permissions)
    request_permissions = awaiting(permissions.request_permissions)


class AsyncMockChrootProxy(AsyncBaseProxy):
    """Calls on mock chroots, which the service can build for."""

    get_list = awaiting(mock_chroot.get_list)
    matching = awaiting(mock_chroot.matching)


class AsyncProjectChrootProxy(AsyncBaseProxy):
    """Calls on project chroots: a project's settings for one chroot."""

    get = awaiting(project_chroot.get)
    get_build_config = awaiting(project_chroot.get_build_config)
    edit = awaiting(project_chroot.edit)


class AsyncBuildChrootProxy(AsyncBaseProxy):
    """Calls on build chroots: one chroot of a build."""

    get = awaiting(build_chroot.get)
    get_list = awaiting(build_chroot.get_list)
    get_build_config = awaiting(build_chroot.get_build_config)
    get_built_packages = awaiting(build_chroot.get_built_packages)
    download_packages = awaiting(downloads.download_packages)
    get_log = awaiting(logs.get_log)
    follow_log = awaiting(logs.follow_log)


class AsyncMonitorProxy(AsyncBaseProxy):
    """Calls on the latest build of each package."""

    monitor = awaiting(monitor.monitor)


class AsyncWebhookProxy(AsyncBaseProxy):
    """Calls on a project's webhook secret."""

    generate = awaiting(webhook.generate)


class AsyncModuleProxy(AsyncBaseProxy):
    """Calls on modules, for services that still have them."""

    build_from_url = awaiting(module.build_from_url)
    build_from_file = awaiting(module.build_from_file)


evaluable(__name__)
