"""Endpoints of API v2 below `/projects/<id>/chroots`: list, show, enable, change and disable chroots."""

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
    """Return the chroots of a project.

    :param project_id: id of the project.
    :returns: the JSON response with the chroots.
    :raises Refused: the project does not exist.
    :source: ``GET /api_2/projects/{project_id}/chroots``
    """
    with reading() as tx:
        project = get_project(tx, project_id)
        address = f"{render.project_path(project.id)}/chroots"
        return render.listing("chroots", map(render.project_chroot, project.chroots), address)


@api.get("/projects/<int:project_id>/chroots/<name>")
def get_project_chroot(project_id: int, name: str) -> Any:
    """Return one chroot of a project.

    :param project_id: id of the project.
    :param name: name of the chroot.
    :returns: the JSON response with the chroot.
    :raises Refused: the project or its chroot does not exist, or the name is not valid.
    :source: ``GET /api_2/projects/{project_id}/chroots/{name}``
    """
    with reading() as tx:
        return render.project_chroot(_get(get_project(tx, project_id), name))


@api.post("/projects/<int:project_id>/chroots")
@needs_login
def enable_chroot(project_id: int) -> Response:
    """Enable one more chroot for a project, with the settings in the body.

    :param project_id: id of the project.
    :returns: a response with status 201, and the URL of the chroot in the header `Location`.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: a proxy user acts for a user who does not exist.
    :raises Forbidden: the user may not change the project; the response is an HTML page.
    :raises Refused: the project does not exist or already has the chroot, the chroot is not active, or
        members are missing or not valid.
    :raises Invalid: the text in `comps` is not a comps file.
    :source: ``POST /api_2/projects/{project_id}/chroots``
    """
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
    """Change the settings of a chroot that the body has.

    :param project_id: id of the project.
    :param name: name of the chroot.
    :returns: the JSON response with the changed chroot.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: a proxy user acts for a user who does not exist.
    :raises Refused: the project or its chroot does not exist, members are not valid, or the user may not
        change the project.
    :raises Invalid: the text in `comps` is not a comps file.
    :source: ``PUT /api_2/projects/{project_id}/chroots/{name}``
    """
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
    """Disable a chroot for a project. Nothing happens if the project does not have the chroot.

    :param project_id: id of the project.
    :param name: name of the chroot.
    :returns: a response with status 204.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: a proxy user acts for a user who does not exist.
    :raises Refused: the project does not exist, or the user may not change it.
    :raises BadRequest: the name is not valid; the response is an HTML page.
    :source: ``DELETE /api_2/projects/{project_id}/chroots/{name}``
    """
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
    """Return an enabled chroot of a project, or None."""
    return next((chroot for chroot in project.chroots if chroot.name == name), None)


def _get(project: Project, name: str) -> ProjectChroot:
    """Return an enabled chroot of a project.

    :raises Refused: the name is not valid, or the project does not have the chroot.
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
    """Check that a chroot is active.

    :raises Refused: the name is not valid, or no active chroot has this name.
    """
    try:
        chroots.check_name(name)
    except UnknownChroot as error:
        raise Refused(f"Bad mock chroot name: {name}. Error: {error}") from error
    if name not in chroots.active_names(tx):
        raise Refused(f"Bad mock chroot name: {name}. Error: None")


def _settings(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that the body has, by column of `ProjectChroot`.

    :raises Invalid: the text in `comps` is not a comps file.
    """
    settings = {_COLUMNS.get(name, name): fields[name] for name in _SETTINGS if name in fields}
    if settings.get("additional_packages", ()) is None:
        settings["additional_packages"] = []
    if settings.get("comps") is not None:
        settings["comps"] = checks.comps(settings["comps"].encode(errors="replace"))
    return settings
