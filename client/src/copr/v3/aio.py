"""The async client of API v3: the proxies and helpers of the blocking one, to be awaited; needs
`copr[async]`.

    async with AsyncClient.create_from_config_file() as client:
        build = await client.build_proxy.get(2545)

Rules: every method is made of the same plan as its blocking twin. A client belongs to one event loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

from .._connection import AsyncConnection
from .._drive import adrive, awaiting
from .._errors import CoprException
from .._list import Item, List
from .._paging import Paging, limit_of, offset_of, with_page
from .._policy import Policy
from ._waiting import waiting
from .calls import (
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
from .calls import download as downloads
from .helpers import config_from_file
from .proxies._proxy import Proxy

if TYPE_CHECKING:
    from ..results import Build

__all__ = [
    "AsyncBaseProxy",
    "AsyncBuildChrootProxy",
    "AsyncBuildProxy",
    "AsyncClient",
    "AsyncMockChrootProxy",
    "AsyncModuleProxy",
    "AsyncMonitorProxy",
    "AsyncPackageProxy",
    "AsyncProjectChrootProxy",
    "AsyncProjectProxy",
    "AsyncWebhookProxy",
    "all_pages",
    "next_page",
    "unlimited",
    "wait",
]


class AsyncBaseProxy(Proxy):
    """What all async proxies can do; see `BaseProxy`."""

    _connection: AsyncConnection
    _connection_class = AsyncConnection

    async def close(self) -> None:
        """Close the connections."""
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
        """The name of the user whose credentials are configured; see `BaseProxy.auth_username`."""
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
    """Calls on packages: where a project's builds come from."""

    get = awaiting(package.get)
    get_list = awaiting(package.get_list)
    add = awaiting(package.add)
    edit = awaiting(package.edit)
    reset = awaiting(package.reset)
    build = awaiting(package.build)
    delete = awaiting(package.delete)


class AsyncProjectProxy(AsyncBaseProxy):
    """Calls on projects, and on who may do what in them."""

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
    """Calls on mock chroots: what the service can build for."""

    get_list = awaiting(mock_chroot.get_list)
    matching = awaiting(mock_chroot.matching)


class AsyncProjectChrootProxy(AsyncBaseProxy):
    """Calls on project chroots: a project's settings for one chroot."""

    get = awaiting(project_chroot.get)
    get_build_config = awaiting(project_chroot.get_build_config)
    edit = awaiting(project_chroot.edit)


class AsyncBuildChrootProxy(AsyncBaseProxy):
    """Calls on build chroots: one chroot's part of a build."""

    get = awaiting(build_chroot.get)
    get_list = awaiting(build_chroot.get_list)
    get_build_config = awaiting(build_chroot.get_build_config)
    get_built_packages = awaiting(build_chroot.get_built_packages)
    download_packages = awaiting(downloads.download_packages)
    get_log = awaiting(logs.get_log)
    follow_log = awaiting(logs.follow_log)


class AsyncMonitorProxy(AsyncBaseProxy):
    """Calls on the newest build of every package."""

    monitor = awaiting(monitor.monitor)


class AsyncWebhookProxy(AsyncBaseProxy):
    """Calls on a project's webhook secret."""

    generate = awaiting(webhook.generate)


class AsyncModuleProxy(AsyncBaseProxy):
    """Calls on modules, on services of the time when there were modules."""

    build_from_url = awaiting(module.build_from_url)
    build_from_file = awaiting(module.build_from_file)


class AsyncClient:
    """A client of one Copr service, to be awaited.

    `config`: a dict as for `Client`; `policy`: how patient to be. The proxies share one pool of connections,
    which `async with` or `close` closes. The attribute `config` is that dict, with its credentials hidden
    from `repr`.

    Raises CoprConfigException where there is no `copr_url`.
    """

    def __init__(self, config: Mapping[str, Any], *, policy: Policy | None = None) -> None:
        self.base_proxy = AsyncBaseProxy(config, policy=policy)
        connection = self.base_proxy._connection
        self.config: dict[str, Any] = connection.config
        self.project_proxy = AsyncProjectProxy(connection)
        self.build_proxy = AsyncBuildProxy(connection)
        self.package_proxy = AsyncPackageProxy(connection)
        self.module_proxy = AsyncModuleProxy(connection)
        self.mock_chroot_proxy = AsyncMockChrootProxy(connection)
        self.project_chroot_proxy = AsyncProjectChrootProxy(connection)
        self.build_chroot_proxy = AsyncBuildChrootProxy(connection)
        self.monitor_proxy = AsyncMonitorProxy(connection)
        self.webhook_proxy = AsyncWebhookProxy(connection)

    @classmethod
    def create_from_config_file(
        cls, path: str | PathLike[str] | None = None, *, policy: Policy | None = None
    ) -> Self:
        """Make a client from a configuration file; see `config_from_file` for `path` and errors."""
        return cls(config_from_file(path), policy=policy)

    async def close(self) -> None:
        """Close the connections."""
        await self.base_proxy.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def wait(
    waitable: Build | list[Build] | tuple[Build, ...],
    interval: float = 30,
    callback: Callable[[list[Build]], object] | None = None,
    timeout: float = 0,
) -> list[Build]:
    """Wait until builds have ended: `copr.v3.wait` for builds that an async proxy returned."""
    builds = list(waitable) if isinstance(waitable, (list, tuple)) else [waitable]
    for build_record in builds:
        if not isinstance(getattr(build_record, "__proxy__", None), AsyncBaseProxy):
            raise CoprException(
                f"Cannot wait for {build_record!r}: it is no build that an async proxy returned."
            )
    if not builds:
        return builds
    return List(await _run(builds[0].__proxy__, waiting(builds, interval, callback, timeout)))


async def next_page(objects: List[Item]) -> List[Item]:
    """Ask for the page after this one: `copr.v3.next_page` for a page that an async proxy returned."""
    limit = limit_of(objects)
    if not objects or not limit or objects._call is None:
        return List([])
    page: List[Item] = await _run(
        objects.__proxy__, with_page(objects._call, limit, offset_of(objects) + limit)
    )
    return page


async def all_pages(objects: List[Item]) -> list[Item]:
    """All items from this page on, in one list."""
    return [item async for item in unlimited(objects)]


async def unlimited(objects: List[Item], connections: int = 1) -> AsyncIterator[Item]:
    """All items from this page on: `copr.v3.unlimited` for a page that an async proxy returned."""
    paging = Paging(objects)
    if paging.ended:
        for item in objects:
            yield item
        return
    proxy = objects.__proxy__
    coming = deque(asyncio.ensure_future(_run(proxy, call)) for call in paging.next_calls(connections))
    try:
        for item in paging.fresh(objects):
            yield item
        while not paging.ended:
            page = await coming.popleft()
            while not paging.take(page):
                while coming:
                    coming.pop().cancel()
                page = await _run(proxy, paging.call_again())
            if not paging.ended:
                calls = paging.next_calls(connections - len(coming))
                coming.extend(asyncio.ensure_future(_run(proxy, call)) for call in calls)
            for item in paging.fresh(page):
                yield item
    finally:
        for each in coming:
            each.cancel()


async def _run(proxy: Any, plan: Any) -> Any:
    result = await adrive(proxy._connection.around(plan), proxy._connection.transport())
    remember = getattr(result, "_came_from", None)
    if remember is not None:
        remember(proxy)
    return result
