"""The endpoints of API v3 that this local Copr does not have yet: they answer 501, and say so."""

from __future__ import annotations

from typing import Any

from flask import request

from .errors import answer
from .routes import api

_CREATE = ("custom", "distgit", "pypi", "rubygems", "scm")
_PACKAGE = "<ownername>/<projectname>/<package_name>"

ENDPOINTS: dict[str, tuple[str, ...]] = {
    **{f"/build/create/{source}": ("POST",) for source in _CREATE},
    "/docs": ("GET",),
    "/gssapi_login": ("GET",),
    "/gssapi_login/web-ui": ("GET",),
    "/monitor": ("GET",),
    "/package": ("GET",),
    f"/package/add/{_PACKAGE}/<source_type_text>": ("POST",),
    "/package/build": ("POST",),
    "/package/delete": ("DELETE", "POST"),
    f"/package/edit/{_PACKAGE}": ("POST",),
    f"/package/edit/{_PACKAGE}/<source_type_text>": ("POST",),
    "/package/list": ("GET",),
    "/package/reset": ("PUT", "POST"),
    "/project-chroot": ("GET",),
    "/project-chroot/build-config": ("GET",),
    "/project-chroot/edit/<ownername>/<projectname>/<chrootname>": ("PUT", "POST"),
    "/project/fork/<ownername>/<projectname>": ("POST", "PUT"),
    "/project/permissions/can_build_in/<who>/<ownername>/<projectname>": ("GET",),
    "/project/permissions/get/<ownername>/<projectname>": ("GET",),
    "/project/permissions/request/<ownername>/<projectname>": ("PUT", "POST"),
    "/project/permissions/set/<ownername>/<projectname>": ("PUT", "POST"),
    "/project/regenerate-repos/<ownername>/<projectname>": ("PUT", "POST"),
    "/rpmrepo/<ownername>/<dirname>/<name_release>": ("GET",),
    "/swagger.json": ("GET",),
    "/webhook/generate/<ownername>/<projectname>": ("POST",),
}


def not_implemented(**_parts: str) -> Any:
    """Say which endpoint is missing."""
    endpoint = f"{request.method} {request.path}"
    return answer(f"{endpoint} is not implemented by this local Copr yet", 501)


for path, methods in ENDPOINTS.items():
    api.add_url_rule(path, "not_implemented", not_implemented, methods=methods)
