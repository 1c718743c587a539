"""`/project`: get, list, search, add, edit, regenerate-repos, delete."""

from __future__ import annotations

from typing import Any

from flask import request

from ..rules import projects, users
from ..rules.errors import Invalid
from ..wire.context import reading, writing
from . import body, project_forms, query, render
from .description import takes
from .login import caller, needs_login
from .routes import api, deprecated


@api.get("/project")
@takes(query="ownername projectname")
def get_project() -> Any:
    """One project."""
    with reading() as tx:
        return render.project(query.project(tx))


@api.get("/project/list")
@takes(optional="ownername", page=True)
def list_projects() -> Any:
    """The projects of an owner, or all."""
    page = query.page()
    with reading() as tx:
        found = projects.in_list(tx, page, request.args.get("ownername") or None)
        return render.listing(map(render.project, found), page)


@api.get("/project/search")
@takes(query="query", page=True)
def search_projects() -> Any:
    """The projects in which words are found."""
    page = query.page()
    with reading() as tx:
        found = projects.search(tx, query.argument("query"), page)
        return render.listing(map(render.project, found), page)


@api.post("/project/add/<ownername>")
@takes(project_forms.AddForm, optional="exist_ok", renamed={"repos": "additional_repos"})
@needs_login
def add_project(ownername: str) -> Any:
    """A new project of a user or group; with `exist_ok`, or the one of that name as it is."""
    fields = body.read()
    with writing() as tx:
        users.get_owner(tx, ownername)
        if request.args.get("exist_ok") == "True":
            existing = projects.find(tx, ownername, (body.text(fields, "name") or "").strip())
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


def _check_chroots(fields: body.Body) -> None:
    """:raises Invalid: the chroots are no list; the original takes the text for a list of letters."""
    sent = request.form.get("chroots") or fields.get("chroots")
    if sent and isinstance(sent, str):
        raise Invalid("Unexpected chroot: " + ", ".join(sorted(set(sent))))


@api.route("/project/edit/<ownername>/<projectname>", methods=["PUT", "POST"])
@takes(project_forms.EditForm)
@deprecated("POST", use="PUT")
@needs_login
def edit_project(ownername: str, projectname: str) -> Any:
    """Change settings of a project."""
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
    """Write the metadata of a project's repositories again."""
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        projects.regenerate_repositories(tx, caller(tx), project)
        return render.project(project)


@api.route("/project/delete/<ownername>/<projectname>", methods=["DELETE", "POST"])
@deprecated("POST", use="DELETE")
@needs_login
def delete_project(ownername: str, projectname: str) -> Any:
    """Delete a project with its builds."""
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        answer = render.project(project)
        projects.delete(tx, caller(tx), project)
        return answer
