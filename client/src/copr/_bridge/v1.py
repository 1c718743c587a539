"""API v1 over API v3, as a table: each call of the legacy client, and what carries it out.

Rules: those of `routes`. A row names the methods of copr.v3.Client that do the same, for the migration page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .._typing import Any
from .._wire import Flow
from . import Bridge
from . import v1_builds as builds
from . import v1_packages as packages
from . import v1_projects as projects
from .ids import ProjectIds
from .routes import Route, Routes

#: What paths of projects begin with, written P below.
PROJECT = "/api/coprs/{owner}/{name}/"

#: Kinds of sources in paths, and those of API v3.
SOURCES = {
    "scm": "scm",
    "tito": "scm",
    "mock": "scm",
    "distgit": "scm",
    "pypi": "pypi",
    "rubygems": "rubygems",
    "custom": "custom",
}

BUILD = "build_proxy.get, get_source_build_config, get_built_packages, build_chroot_proxy.get_list"

ROWS: list[tuple[str, str, Callable[..., Flow[Any]], str]] = [
    ("POST", "/api/auth_check/", builds.auth_check, "base_proxy.auth_check"),
    ("POST", "/api/module/repo/", projects.module_repo, "project_proxy.get"),
    ("GET", "/api/coprs/build/{number}/", builds.details, BUILD),
    ("POST", "/api/coprs/cancel_build/{number}/", builds.cancel, "build_proxy.cancel"),
    ("POST", "/api/coprs/delete_build/{number}/", builds.delete, "build_proxy.delete"),
    ("GET", "/api/coprs/search/{query}/", projects.search, "project_proxy.search"),
    ("GET", "/api/coprs/{owner}/", projects.by_owner, "project_proxy.get_list"),
    ("POST", "/api/coprs/{owner}/new/", projects.new, "project_proxy.add"),
    ("GET", "P/detail/", projects.detail, "project_proxy.get, build_proxy.get_list"),
    ("POST", "P/modify/", projects.modify, "project_proxy.edit"),
    ("POST", "P/delete/", projects.delete, "project_proxy.delete"),
    ("POST", "P/fork/", projects.fork, "project_proxy.fork"),
    ("POST", "P/new_webhook_secret/", projects.new_webhook_secret, "webhook_proxy.generate"),
    ("GET", "P/detail/{chroot}/", projects.chroot_packages, "project_chroot_proxy.get"),
    ("POST", "P/modify/{chroot}/", projects.modify_chroot, "project_chroot_proxy.edit"),
    ("GET", "P/build-config/{chroot}/", projects.build_config, "project_chroot_proxy.get_build_config"),
    ("POST", "P/new_build/", builds.from_urls, "build_proxy.create_from_urls"),
    ("POST", "P/new_build_upload/", builds.from_file, "build_proxy.create_from_file"),
    *(
        (
            "POST",
            f"P/new_build_{kind}/",
            partial(builds.from_source, kind=kind),
            f"build_proxy.create_from_{method}",
        )
        for kind, method in SOURCES.items()
    ),
    ("POST", "P/module/build/", builds.module_build, "module_proxy.build_from_file, build_from_url"),
    ("POST", "P/package/build/{package}/", builds.of_package, "package_proxy.build"),
]

#: Rows whose answers have the number of the project, which is found first.
ROWS_WITH_NUMBERS: list[tuple[str, str, Callable[..., Flow[Any]], str]] = [
    ("GET", "P/chroot/get/{chroot}/", projects.get_chroot, "project_chroot_proxy.get"),
    ("POST", "P/chroot/edit/{chroot}/", projects.edit_chroot, "project_chroot_proxy.edit"),
    ("GET", "P/package/list/", packages.every, "package_proxy.get_list"),
    ("GET", "P/package/get/{package}/", packages.get, "package_proxy.get"),
    ("POST", "P/package/add/{kind}/", packages.add, "package_proxy.add"),
    ("POST", "P/package/{package}/edit/{kind}/", packages.edit, "package_proxy.edit"),
    ("POST", "P/package/reset/{package}/", packages.reset, "package_proxy.reset"),
    ("POST", "P/package/delete/{package}/", packages.delete, "package_proxy.delete"),
]


def bridge() -> Bridge:
    """A bridge for one connection."""
    ids = ProjectIds()
    routes = [Route(method, _whole(path), plan, v3) for method, path, plan, v3 in ROWS]
    routes += [
        Route(method, _whole(path), partial(plan, ids), v3) for method, path, plan, v3 in ROWS_WITH_NUMBERS
    ]
    return Routes(routes, lambda text: {"output": "notok", "error": text})


def _whole(path: str) -> str:
    return PROJECT + path.removeprefix("P/") if path.startswith("P/") else path
