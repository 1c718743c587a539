"""`/projects/<id>/chroots`: the chroots of a project, enabled, changed and disabled."""

from __future__ import annotations

from typing import Any

from flask import Response
from werkzeug import exceptions as http

from ..data.database import Transaction
from ..data.models import Project, ProjectChroot
from ..rules import checks, chroots, permissions, project_chroots, projects
from ..rules.errors import Forbidden, UnknownChroot
from ..wire.context import reading, writing
from ..wire.old_api_login import caller, needs_login
from . import body, render
from .body import Member
from .builds import get_project
from .errors import Refused
from .routes import api, created, done

_SETTINGS = {"buildroot_pkgs": Member(list), "comps": Member(str), "comps_name": Member(str)}
_NEW = {"name": Member(str, required=True), **_SETTINGS}
_COLUMNS = {"buildroot_pkgs": "additional_packages"}


@api.get("/projects/<int:project_id>/chroots")
def list_project_chroots(project_id: int) -> Any:
    """The chroots of a project."""
    with reading() as tx:
        project = get_project(tx, project_id)
        address = f"{render.project_path(project.id)}/chroots"
        return render.listing("chroots", map(render.project_chroot, project.chroots), address)


@api.get("/projects/<int:project_id>/chroots/<name>")
def get_project_chroot(project_id: int, name: str) -> Any:
    """One chroot of a project."""
    with reading() as tx:
        return render.project_chroot(_get(get_project(tx, project_id), name))


@api.post("/projects/<int:project_id>/chroots")
@needs_login
def enable_chroot(project_id: int) -> Response:
    """Let a project build for another chroot."""
    with writing() as tx:
        project, user = get_project(tx, project_id), caller(tx)
        fields = body.read(_NEW)
        name = fields["name"]
        try:
            permissions.check_update(user, project)
        except Forbidden as error:
            raise http.Forbidden(str(error)) from error
        _check_offered(tx, name)
        if _find(project, name):
            raise Refused(f"Copr {project.full_name} already has chroot {name} enabled", 409)
        projects.set_chroots(tx, project, [*(chroot.name for chroot in project.chroots), name])
        project_chroots.edit(tx, user, _get(project, name), _settings(fields))
        return created("get_project_chroot", project_id=project.id, name=name)


@api.put("/projects/<int:project_id>/chroots/<name>")
@needs_login
def change_chroot(project_id: int, name: str) -> Any:
    """Change settings of a chroot: those that are sent."""
    with writing() as tx:
        chroot = _get(get_project(tx, project_id), name)
        try:
            project_chroots.edit(tx, caller(tx), chroot, _settings(body.read(_SETTINGS)))
        except Forbidden as error:
            raise Refused(f"Failed to update copr chroot: {error}", 403) from error
        return render.project_chroot(chroot)


@api.delete("/projects/<int:project_id>/chroots/<name>")
@needs_login
def disable_chroot(project_id: int, name: str) -> Response:
    """Let a project build no longer for a chroot; it need not be one that it builds for."""
    with writing() as tx:
        project = get_project(tx, project_id)
        try:
            permissions.check_update(caller(tx), project)
            chroots.check_name(name)
        except Forbidden as error:
            raise Refused(f"Failed to remove copr chroot: {error}", 403) from error
        except UnknownChroot as error:
            raise http.BadRequest(str(error)) from error
        left = [chroot.name for chroot in project.chroots if chroot.name != name]
        projects.set_chroots(tx, project, left)
        return done()


def _find(project: Project, name: str) -> ProjectChroot | None:
    return next((chroot for chroot in project.chroots if chroot.name == name), None)


def _get(project: Project, name: str) -> ProjectChroot:
    """A chroot that a project builds for.

    :raises Refused: it is no name for a chroot, or the project does not build for it.
    """
    try:
        chroots.check_name(name)
    except UnknownChroot as error:
        raise Refused(f"Bad mock chroot name: {error}") from error
    found = _find(project, name)
    if found is None:
        raise Refused("Requested object wasn't found", 404)
    return found


def _check_offered(tx: Transaction, name: str) -> None:
    """:raises Refused: no chroot on offer has that name, or none could."""
    try:
        chroots.check_name(name)
    except UnknownChroot as error:
        raise Refused(f"Bad mock chroot name: {name}. Error: {error}") from error
    if name not in chroots.active_names(tx):
        raise Refused(f"Bad mock chroot name: {name}. Error: None")


def _settings(fields: dict[str, Any]) -> dict[str, Any]:
    """Columns of a chroot and their new values, of the members that were sent."""
    settings = {_COLUMNS.get(name, name): fields[name] for name in _SETTINGS if name in fields}
    if settings.get("additional_packages", ()) is None:
        settings["additional_packages"] = []
    if settings.get("comps") is not None:
        settings["comps"] = checks.comps(settings["comps"].encode(errors="replace"))
    return settings
