"""`/project`: get, list, search, add, edit, regenerate-repos, delete."""

from __future__ import annotations

from typing import Any

from flask import request

from ..rules import project_search, projects, users
from ..rules.errors import Invalid
from ..wire import project_forms
from ..wire.context import reading, writing
from ..wire.form_data import Body, text
from . import body, query, render
from .description import takes
from .login import caller, needs_login
from .routes import api, deprecated


@api.get("/project")
@takes(query="ownername projectname")
def get_project() -> Any:
    """Return one project.

    :returns: the project.
    :raises Invalid: a query argument is missing.
    :raises NotFound: the project does not exist.
    :raises HTTPException: the owner or project name is empty.
    :source: ``GET /api_3/project``
    """
    with reading() as tx:
        return render.project(query.project(tx))


@api.get("/project/list")
@takes(optional="ownername", page=True)
def list_projects() -> Any:
    """Return the projects of an owner, or all projects.

    :returns: one page of the listing; it is empty if the owner does not exist.
    :raises Crash: an argument of the page is invalid.
    :raises CannotOrder: projects cannot be sorted by this property.
    :source: ``GET /api_3/project/list``
    """
    page = query.page()
    with reading() as tx:
        found = projects.in_list(tx, page, request.args.get("ownername") or None)
        return render.listing(map(render.project, found), page)


@api.get("/project/search")
@takes(query="query", page=True)
def search_projects() -> Any:
    """Return the projects that contain all words of a query.

    :returns: one page of the listing.
    :raises Invalid: the query is missing or too short.
    :raises Crash: an argument of the page is invalid.
    :raises CannotOrder: projects cannot be sorted by this property.
    :source: ``GET /api_3/project/search``
    """
    page = query.page()
    with reading() as tx:
        found = project_search.search(tx, query.argument("query"), page)
        return render.listing(map(render.project, found), page)


@api.post("/project/add/<ownername>")
@takes(project_forms.AddForm, optional="exist_ok", renamed={"repos": "additional_repos"})
@needs_login
def add_project(ownername: str) -> Any:
    """Add a project for a user or group; with `exist_ok`, return an existing project unchanged.

    :param ownername: owner of the new project; a group has an @.
    :returns: the project.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the owner does not exist.
    :raises Forbidden: the caller may not add projects for this owner, or not with these settings.
    :raises Invalid: fields are invalid, or the owner already has a project with this name.
    :raises Crash: a JSON body or `json` part is not an object.
    :source: ``POST /api_3/project/add/{ownername}``
    """
    fields = body.read()
    with writing() as tx:
        users.get_owner(tx, ownername)
        if request.args.get("exist_ok") == "True":
            existing = projects.find(tx, ownername, (text(fields, "name") or "").strip())
            if existing is not None:
                return render.project(existing)
        form = project_forms.add_form(tx, fields, ownername)
        _check_chroots(fields)
        project = projects.add(
            tx,
            caller(tx),
            ownername,
            form.name.data or "",
            form.chroots.data or [],
            project_forms.settings(tx, form, fields),
            storage=form.storage.data,
        )
        return render.project(project)


def _check_chroots(fields: Body) -> None:
    """Raise `Invalid` if the chroots are one text; the real Copr frontend reads it as a list of letters."""
    sent = request.form.get("chroots") or fields.get("chroots")
    if sent and isinstance(sent, str):
        raise Invalid("Unexpected chroot: " + ", ".join(sorted(set(sent))))


@api.route("/project/edit/<ownername>/<projectname>", methods=["PUT", "POST"])
@takes(project_forms.EditForm)
@deprecated("POST", use="PUT")
@needs_login
def edit_project(ownername: str, projectname: str) -> Any:
    """Change settings of a project.

    :param ownername: owner of the project; a group has an @.
    :param projectname: name of the project.
    :returns: the project after the change.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller may not change the project, or not to these settings.
    :raises Invalid: fields are invalid.
    :raises Conflict: builds for a chroot that would be removed have not finished.
    :raises Crash: a JSON body or `json` part is not an object.
    :source: ``PUT /api_3/project/edit/{ownername}/{projectname}``; ``POST`` is deprecated
    """
    fields = body.read()
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        form = project_forms.edit_form(tx, fields)
        _check_chroots(fields)
        settings = project_forms.settings(tx, form, fields)
        projects.edit(tx, caller(tx), project, form.chroots.data or [], settings)
        return render.project(project)


@api.route("/project/regenerate-repos/<ownername>/<projectname>", methods=["PUT", "POST"])
@deprecated("POST", use="PUT")
@needs_login
def regenerate_repositories(ownername: str, projectname: str) -> Any:
    """Regenerate the metadata of all repositories of a project.

    :param ownername: owner of the project; a group has an @.
    :param projectname: name of the project.
    :returns: the project.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller is not an owner or admin of the project.
    :source: ``PUT /api_3/project/regenerate-repos/{ownername}/{projectname}``; ``POST`` is deprecated
    """
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        projects.regenerate_repositories(tx, caller(tx), project)
        return render.project(project)


@api.route("/project/delete/<ownername>/<projectname>", methods=["DELETE", "POST"])
@deprecated("POST", use="DELETE")
@needs_login
def delete_project(ownername: str, projectname: str) -> Any:
    """Delete a project with its builds and results.

    :param ownername: owner of the project; a group has an @.
    :param projectname: name of the project.
    :returns: the project before its deletion.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller is not an owner of the project, or the project is persistent.
    :raises Invalid: builds of the project have not finished.
    :source: ``DELETE /api_3/project/delete/{ownername}/{projectname}``; ``POST`` is deprecated
    """
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        answer = render.project(project)
        projects.delete(tx, caller(tx), project)
        return answer
