"""The calls of API v1, and the plans that carry them out over API v3."""

from __future__ import annotations

from functools import partial

from .. import Bridge
from ..routes import Route, Routes
from . import builds, chroots, packages, projects
from .render import refusal

#: What the paths of a project begin with.
PROJECT = "/api/coprs/{owner}/{name}"

#: The kinds of sources that have paths of their own.
SOURCES = ("scm", "tito", "mock", "distgit", "pypi", "rubygems", "custom")

ROUTES = (
    Route("POST", "/api/auth_check/", builds.auth_check),
    Route("POST", "/api/module/repo/", builds.get_module_repo),
    Route("GET", "/api/coprs/build/{build_id:digits}/", builds.get),
    Route("POST", "/api/coprs/cancel_build/{build_id:digits}/", builds.cancel),
    Route("POST", "/api/coprs/delete_build/{build_id:digits}/", builds.delete),
    Route("GET", "/api/coprs/search/{query}/", projects.search),
    Route("GET", "/api/coprs/{owner}/", projects.get_list),
    Route("POST", "/api/coprs/{owner}/new/", projects.add),
    Route("GET", f"{PROJECT}/detail/", projects.get),
    Route("POST", f"{PROJECT}/modify/", projects.edit),
    Route("POST", f"{PROJECT}/delete/", projects.delete),
    Route("POST", f"{PROJECT}/fork/", projects.fork),
    Route("POST", f"{PROJECT}/new_webhook_secret/", projects.renew_webhook_secret),
    Route("GET", f"{PROJECT}/detail/{{chroot}}/", chroots.get_packages),
    Route("POST", f"{PROJECT}/modify/{{chroot}}/", chroots.edit_packages),
    Route("GET", f"{PROJECT}/build-config/{{chroot}}/", chroots.get_build_config),
    Route("GET", f"{PROJECT}/chroot/get/{{chroot}}/", chroots.get),
    Route("POST", f"{PROJECT}/chroot/edit/{{chroot}}/", chroots.edit),
    Route("POST", f"{PROJECT}/new_build/", builds.create_from_urls),
    Route("POST", f"{PROJECT}/new_build_upload/", builds.create_from_file),
    *(
        Route("POST", f"{PROJECT}/new_build_{kind}/", partial(builds.create_from_source, kind=kind))
        for kind in SOURCES
    ),
    Route("POST", f"{PROJECT}/module/build/", builds.build_module),
    Route("POST", f"{PROJECT}/package/build/{{package}}/", packages.build),
    Route("GET", f"{PROJECT}/package/list/", packages.get_list),
    Route("GET", f"{PROJECT}/package/get/{{package}}/", packages.get),
    Route("POST", f"{PROJECT}/package/add/{{kind}}/", packages.add),
    Route("POST", f"{PROJECT}/package/{{package}}/edit/{{kind}}/", packages.edit),
    Route("POST", f"{PROJECT}/package/reset/{{package}}/", packages.reset),
    Route("POST", f"{PROJECT}/package/delete/{{package}}/", packages.delete),
)


def make_bridge() -> Bridge:
    """Make the bridge of one connection."""
    return Routes(ROUTES, refusal)
