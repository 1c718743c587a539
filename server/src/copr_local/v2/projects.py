"""Endpoints of API v2 below `/projects`: list, show, add, change and delete projects."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for
from werkzeug import exceptions as http

from ..data.database import Transaction
from ..rules import checks, chroots, overviews, permissions, project_search, projects
from ..rules.errors import Forbidden, Invalid, NotFinished, NotFound
from ..rules.listing import Page
from ..rules.overviews import Filter
from ..wire import old_api_deletions
from ..wire.context import reading, writing
from ..wire.old_api_login import caller, needs_login
from . import body, query, render
from .body import Member
from .builds import get_project as project_of
from .errors import Refused
from .routes import api, created, done

_SETTINGS = {
    "description": Member(str),
    "instructions": Member(str),
    "homepage": Member(str, check=body.address),
    "contact": Member(str, check=body.contact),
    "disable_createrepo": Member(bool),
    "build_enable_net": Member(bool),
    "repos": Member(list),
}
_NEW = {
    "name": Member(str, required=True),
    "owner": Member(str),
    "group": Member(str),
    "chroots": Member(list, required=True),
    **_SETTINGS,
}
_COLUMNS = {
    "disable_createrepo": "devel_mode",
    "build_enable_net": "enable_net",
    "repos": "additional_repos",
}
_MAY_BE_NULL = frozenset({"homepage", "contact"})
_DEFAULTS = {"enable_net": True}


@api.get("/projects")
def list_projects() -> Any:
    """Return projects in the order in which they were added, or those that match a search.

    The query parameter `limit` has no maximum; without it, or with 0, a page has `query.MOST` projects.

    :returns: the JSON response with the projects.
    :raises Refused: a query parameter is not valid.
    :raises Invalid: the words of the search are too short.
    :source: ``GET /api_2/projects``
    """
    limit, offset, words = query.number("limit"), query.number("offset"), request.args.get("search_query")
    owner, group, name = (request.args.get(each) for each in ("owner", "group", "name"))
    wanted, page = Filter(made_by=owner, group=group, name=name), Page(limit or query.MOST, offset or 0)
    with reading() as tx:
        if words:
            found = project_search.search(tx, words, page, *([] if "/" in words else overviews.like(wanted)))
        else:
            found = overviews.projects(tx, page, wanted)
        address = query.link(
            url_for("v2.list_projects"),
            search_query=words,
            owner=owner,
            group=group,
            name=name,
            limit=limit,
            offset=offset,
        )
        return {"_links": render.links(self=address), "projects": [render.project(each) for each in found]}


@api.get("/projects/<int:project_id>")
def get_project(project_id: int) -> Any:
    """Return one project. The query parameters `show_builds` and `show_chroots` add its builds and chroots.

    :param project_id: id of the project.
    :returns: the JSON response with the project; times are unix time in seconds, UTC.
    :raises Refused: the project does not exist, or a query parameter is not valid.
    :source: ``GET /api_2/projects/{project_id}``
    """
    asked = {name: query.flag(name) or None for name in ("show_builds", "show_chroots")}
    with reading() as tx:
        project = project_of(tx, project_id)
        answer = render.project(project, query.link(render.project_path(project.id), **asked))
        if asked["show_builds"]:
            found = overviews.builds(tx, Page(query.MOST), Filter(project_id=project.id))
            answer["project_builds"] = [render.build(build) for build in found]
        if asked["show_chroots"]:
            answer["project_chroots"] = [render.project_chroot(chroot) for chroot in project.chroots]
        return answer


@api.post("/projects")
@needs_login
def add_project() -> Response:
    """Add a project of the user who sent the request, or of a group.

    Chroots that are not active are left out.

    :returns: a response with status 201, and the URL of the project in the header `Location`.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the group does not exist (the response is an HTML page), or a proxy user acts for a user
        who does not exist.
    :raises Forbidden: the user is not in the group; the response is an HTML page.
    :raises Refused: members are missing or not valid, or the owner already has a project of this name.
    :raises Invalid: the name of the project is not valid.
    :source: ``POST /api_2/projects``
    """
    fields = body.read(_NEW)
    with writing() as tx:
        user, name = caller(tx), fields["name"]
        owner = f"@{fields['group']}" if fields.get("group") else user.name
        try:
            projects.check_owner(tx, user, owner)
        except NotFound as error:
            raise http.NotFound(str(error)) from error
        except Forbidden as error:
            raise http.Forbidden(str(error)) from error
        if projects.find(tx, owner, name):
            raise Refused(f"Copr: '{owner}/{name}' already exists", 409)
        checks.project_name(name)
        offered = [chroot for chroot in chroots.active_names(tx) if chroot in fields["chroots"]]
        project = projects.add(tx, user, owner, name, offered, _DEFAULTS | _settings(tx, fields))
        return created("get_project", project_id=project.id)


@api.put("/projects/<int:project_id>")
@needs_login
def change_project(project_id: int) -> Response:
    """Change the settings of a project that the body has and that are not null.

    `homepage` and `contact` may be null, which removes them.

    :param project_id: id of the project.
    :returns: a response with status 204.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: a proxy user acts for a user who does not exist.
    :raises Refused: the project does not exist, or members are not valid.
    :raises Forbidden: the user may not change the project.
    :source: ``PUT /api_2/projects/{project_id}``
    """
    with writing() as tx:
        project = project_of(tx, project_id)
        permissions.check_update(caller(tx), project)
        projects.edit(tx, caller(tx), project, [], _settings(tx, body.read(_SETTINGS)))
        return done()


@api.delete("/projects/<int:project_id>")
@needs_login
def delete_project(project_id: int) -> Response:
    """Delete a project with its builds.

    :param project_id: id of the project.
    :returns: a response with status 204.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: a proxy user acts for a user who does not exist.
    :raises Refused: the project does not exist, or builds have not finished.
    :raises Forbidden: the user may not delete the project, or it is protected against deletion.
    :source: ``DELETE /api_2/projects/{project_id}``
    """
    with writing() as tx:
        project, user = project_of(tx, project_id), caller(tx)
        try:
            old_api_deletions.check_project(tx, user, project)
        except NotFinished as error:
            raise Refused(str(error)) from error
        projects.delete(tx, user, project)
        return done()


def _settings(tx: Transaction, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that the body has, by column of `Project`.

    :raises Refused: an additional repository is not valid.
    """
    found = {
        _COLUMNS.get(name, name): fields[name]
        for name in _SETTINGS
        if name in fields and (fields[name] is not None or name in _MAY_BE_NULL)
    }
    try:
        checks.repositories(tx, found.get("additional_repos", ()))
    except Invalid as error:
        raise Refused(f"Failed to parse request: {{'repos': [{str(error)!r}]}}") from error
    return found
