"""Endpoints of API v1 that list, search, show, add, change and delete projects."""

from __future__ import annotations

from typing import Any

from flask import request

from ..data.database import Transaction
from ..data.models import Project, User
from ..rules import chroots, overviews, project_dirs, project_search, projects, submission, users
from ..rules.errors import Forbidden, Invalid, RuleError
from ..rules.listing import Page
from ..rules.sources import link
from ..wire import old_api_deletions
from ..wire.context import reading, writing
from ..wire.old_api_login import caller, needs_login
from . import forms, project_forms, render
from .errors import Refused, refusing
from .routes import PROJECT, api


@api.get("/coprs/")
@api.get("/coprs/<ownername>/")
def list_projects(ownername: str | None = None) -> Any:
    """Return the projects that a user has added, for groups too, or the projects of a group.

    :param ownername: name of the user, or of the group with `@`; the query parameter `username` replaces it.
    :returns: the JSON response with the projects; the list is empty if the user or group does not exist.
    :raises Refused: the request names no user or group.
    :source: ``GET /api/coprs/``, ``GET /api/coprs/{ownername}/``
    """
    ownername = request.args.get("username") or ownername
    if not ownername:
        raise Refused("Invalid request: missing `username` ")
    with reading() as tx:
        found = overviews.projects_made_by(tx, ownername)
        built = overviews.built(tx, found)
        repos = [render.project_in_list(project, is_built=project.id in built) for project in found]
        return render.ok(repos=repos)


@api.get("/coprs/search/")
@api.get("/coprs/search/<words>/")
def search_projects(words: str | None = None) -> Any:
    """Return the projects that match a search, each with the user who added it.

    :param words: the words to find, or `OWNER/NAME`; the query parameter `project` replaces it.
    :returns: the JSON response with the projects.
    :raises Refused: there are no words, or they are too short.
    :source: ``GET /api/coprs/search/``, ``GET /api/coprs/search/{words}/``
    """
    words = request.args.get("project") or words
    if not words:
        raise Refused("No project found.")
    with reading() as tx:
        with refusing(Invalid, "Server error: {}"):
            found = project_search.search(tx, words, Page())
        return render.ok(repos=[render.found_project(project) for project in found])


@api.get(f"{PROJECT}/detail/")
def get_project(ownername: str, projectname: str) -> Any:
    """Return one project.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :returns: the JSON response with the project as `detail`; times are unix time in seconds, UTC.
    :raises NotFound: the project does not exist.
    :source: ``GET /api/coprs/{ownername}/{projectname}/detail/``
    """
    with reading() as tx:
        project = projects.get(tx, ownername, projectname)
        detail = render.project(
            project,
            is_built=bool(overviews.built(tx, [project])),
            modified=overviews.last_success(tx, project),
        )
        return render.ok(detail=detail)


@api.post("/coprs/<ownername>/new/")
@needs_login
def add_project(ownername: str) -> Any:
    """Add a project of the user who sent the request, or of a group, and submit its first builds.

    :param ownername: name of the group, with `@`. Any other name means the user who sent the request.
    :returns: the JSON response with a message.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the group, or the user that a proxy user acts for, does not exist.
    :raises Refused: fields are not valid, or the user is not in the group or may not use these settings.
    :source: ``POST /api/coprs/{ownername}/new/``
    """
    fields = forms.read()
    with writing() as tx:
        user = caller(tx)
        owner = _owner(tx, user, ownername)
        form = project_forms.add_form(tx, owner, fields)
        offered = chroots.active_names(tx)
        infos = forms.unknown_keys(form, offered)
        chosen, settings = forms.chosen(fields, offered), project_forms.settings(form, fields)
        with refusing(Forbidden, "{}"):
            project = projects.add(tx, user, owner, form.name.data or "", chosen, settings)
        infos.append("New project was successfully created.")
        if form.initial_pkgs.data:
            _submit_first(tx, user, project, form.initial_pkgs.data)
            infos.append("Initial packages were successfully submitted for building.")
        return render.ok(message="\n".join(infos))


def _owner(tx: Transaction, user: User, ownername: str) -> str:
    """Return the owner's name of a new project.

    :raises NotFound: the group does not exist.
    :raises Refused: the user is not in the group.
    """
    if not ownername.startswith("@"):
        return user.name
    group = users.get_group(tx, ownername[1:])
    if group not in user.groups:
        name = f"{group.name}({group.fas_name})"
        raise Refused(f"User '{user.name}' doesn't have access to group {name}", 403)
    return ownername


def _submit_first(tx: Transaction, user: User, project: Project, addresses: list[str]) -> None:
    """Submit one build for each URL."""
    directory = project_dirs.get_dir(tx, project, project.name)
    submission.submit_many(tx, user, directory, list(map(link, addresses)), submission.Options())


@api.post(f"{PROJECT}/modify/")
@needs_login
def modify_project(ownername: str, projectname: str) -> Any:
    """Change the settings of a project that the request has.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :returns: the JSON response with the description, instructions, repositories and chroots of the project.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, or the user that a proxy user acts for, does not exist.
    :raises Refused: fields are not valid, or the user may not change the project or use these settings.
    :raises Conflict: builds for a chroot that the request removes have not finished.
    :source: ``POST /api/coprs/{ownername}/{projectname}/modify/``
    """
    fields = forms.read()
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        form = project_forms.modify_form(tx, fields)
        with refusing(Forbidden):
            projects.edit(
                tx, caller(tx), project, form.chroots.data or [], project_forms.settings(form, fields)
            )
        return render.ok(
            description=project.description,
            instructions=project.instructions,
            repos=" ".join(project.additional_repos),
            chroots=[chroot.name for chroot in project.chroots],
        )


@api.post(f"{PROJECT}/delete/")
@needs_login
def delete_project(ownername: str, projectname: str) -> Any:
    """Delete a project with its builds.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :returns: the JSON response with a message.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, or the user that a proxy user acts for, does not exist.
    :raises Refused: the request has no confirmation, the user may not delete the project, the project is
        protected against deletion, or builds have not finished.
    :source: ``POST /api/coprs/{ownername}/{projectname}/delete/``
    """
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        project_forms.check_verified(forms.read())
        user, name = caller(tx), project.name
        with refusing(RuleError, "{}"):
            old_api_deletions.check_project(tx, user, project)
            projects.delete(tx, user, project)
        return render.ok(message=f"Project {name} has been deleted.")
