"""Endpoints of API v2 below `/builds`: list, show, submit, cancel and delete builds."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from ..data.database import Transaction
from ..data.models import Build, Project, User
from ..rules import builds, checks, overviews, permissions, project_dirs, projects, submission, users
from ..rules.errors import Conflict, Forbidden, NotFinished, NotFound
from ..rules.overviews import Filter
from ..rules.sources import Source, link, upload
from ..wire import old_api_deletions
from ..wire.context import LARGEST_UPLOAD, reading, writing
from ..wire.old_api_login import caller, needs_login
from . import body, query, render
from .body import Member
from .errors import Refused
from .routes import api, created, done

_BUILD = {
    "project_id": Member(int, required=True),
    "chroots": Member(list, required=True),
    "enable_net": Member(bool),
}
_BUILD_FROM_URL = {**_BUILD, "srpm_url": Member(str, required=True, check=body.srpm_address)}
_CHANGE = {
    "state": Member(
        str, required=True, check=lambda state: [] if state == "canceled" else ["Not a valid choice."]
    )
}


@api.get("/builds")
def list_builds() -> Any:
    """Return one page of builds, the newest first.

    The query parameters select the builds of one project, or else of one owner. As in the real Copr frontend,
    `group` has no effect.

    :returns: the JSON response with the builds; times are unix time in seconds, UTC.
    :raises Refused: a query parameter is not valid, or the project or owner does not exist.
    :source: ``GET /api_2/builds``
    """
    page, is_finished = query.page(), query.flag("is_finished")
    owner, group = request.args.get("owner"), request.args.get("group")
    project_id = query.number("project_id")
    with reading() as tx:
        if project_id is not None:
            wanted = Filter(project_id=get_project(tx, project_id).id, is_finished=is_finished)
        else:
            wanted = Filter(made_by=find_owner(tx, owner), is_finished=is_finished)
        address = query.link(
            url_for("v2.list_builds"),
            owner=owner,
            group=group,
            project_id=project_id,
            **query.page_link(page),
            is_finished=is_finished,
        )
        return render.listing("builds", map(render.build, overviews.builds(tx, page, wanted)), address)


@api.get("/builds/<int:build_id>")
def get_build(build_id: int) -> Any:
    """Return one build. The query parameter `show_build_tasks` adds its build tasks.

    :param build_id: id of the build.
    :returns: the JSON response with the build; times are unix time in seconds, UTC.
    :raises Refused: the build does not exist, or the query parameter is not valid.
    :source: ``GET /api_2/builds/{build_id}``
    """
    with_tasks = query.flag("show_build_tasks") or None
    with reading() as tx:
        build = get(tx, build_id)
        answer = render.build(build, query.link(render.build_path(build.id), show_build_tasks=with_tasks))
        if with_tasks:
            answer["build_tasks"] = [render.build_task(chroot) for chroot in build.chroots]
        return answer


@api.post("/builds")
@needs_login
def add_build() -> Response:
    """Submit a build: from a URL in a JSON object, or from an upload in a form.

    :returns: a response with status 201, and the URL of the build in the header `Location`.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: a proxy user acts for a user who does not exist.
    :raises Refused: the content type is not JSON or a form, parts or members are missing or not valid, the
        project does not exist, or the user may not build in it.
    :raises Invalid: the name of the uploaded file is not valid, or the project has no active chroots.
    :source: ``POST /api_2/builds``
    """
    if not request.content_type:
        raise Refused("Got request without content type header")
    if request.mimetype == "application/json":
        return _from_url()
    if request.mimetype == "multipart/form-data":
        return _from_upload()
    raise Refused(f"Got unexpected content type: {request.content_type}")


def _from_url() -> Response:
    """Submit a build from the URL in the body."""
    fields = body.read(_BUILD_FROM_URL)
    with writing() as tx:
        return _submit(tx, fields, link(fields["srpm_url"]))


def _from_upload() -> Response:
    """Submit a build from the uploaded file in the form."""
    request.max_content_length = LARGEST_UPLOAD
    metadata, file = request.form.get("metadata"), request.files.get("srpm")
    if metadata is None:
        raise Refused("Missing build metadata in the request")
    if file is None:
        raise Refused("Missing srpm file in the request")
    fields, name = body.read(_BUILD, metadata), file.filename or ""
    checks.uploaded_name(name)
    with writing() as tx:
        _check_builder(tx, get_project(tx, fields["project_id"]))
        with tx.data_folder.adopting(file.stream, name) as place:
            return _submit(tx, fields, upload(place))


def _submit(tx: Transaction, fields: dict[str, Any], source: Source) -> Response:
    """Submit a build, and return the response with its URL."""
    project = get_project(tx, fields["project_id"])
    user = _check_builder(tx, project)
    options = submission.Options(
        chroots=[each.name for each in project.chroots if each.name in fields["chroots"]] or None,
        enable_net=fields.get("enable_net"),
    )
    directory = project_dirs.get_dir(tx, project, project.name)
    return created("get_build", build_id=submission.submit(tx, user, directory, source, options).id)


def _check_builder(tx: Transaction, project: Project) -> User:
    """Return the user who sent the request, if the user may build in the project.

    :raises Refused: the user may not.
    """
    user = caller(tx)
    if not permissions.can_build(user, project):
        raise Refused(
            f"User {user.name} cannot create build in project {project.full_name}:"
            " You don't have permissions to build in this copr.",
            403,
        )
    return user


@api.put("/builds/<int:build_id>")
@needs_login
def change_build(build_id: int) -> Response:
    """Cancel a build. A build that is already cancelled is not changed.

    :param build_id: id of the build.
    :returns: a response with status 201, and the URL of the build in the header `Location`.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: a proxy user acts for a user who does not exist.
    :raises Refused: the build does not exist or has finished, the body is not valid, or the user may not
        cancel the build.
    :source: ``PUT /api_2/builds/{build_id}``
    """
    with writing() as tx:
        build = get(tx, build_id)
        body.read(_CHANGE)
        try:
            permissions.check_cancel(caller(tx), build)
            if build.state != "canceled":
                builds.cancel(tx, caller(tx), build)
        except Forbidden as error:
            raise Refused(f"Failed to update build: {error}", 403) from error
        except Conflict as error:
            raise Refused(f"Cannot update build due to: {error}") from error
        return created("get_build", build_id=build.id)


@api.delete("/builds/<int:build_id>")
@needs_login
def delete_build(build_id: int) -> Response:
    """Delete a build with its results.

    :param build_id: id of the build.
    :returns: a response with status 204.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: a proxy user acts for a user who does not exist.
    :raises Refused: the build does not exist or has not finished, or the user may not delete it.
    :raises Forbidden: the project is protected against deletion.
    :source: ``DELETE /api_2/builds/{build_id}``
    """
    with writing() as tx:
        build, user = get(tx, build_id), caller(tx)
        try:
            old_api_deletions.check_build(user, build)
        except Forbidden as error:
            raise Refused(f"Failed to delete build: {error}", 403) from error
        except NotFinished as error:
            raise Refused(f"Cannot delete build due to: {error}") from error
        builds.delete(tx, user, build)
        return done()


def get(tx: Transaction, build_id: int) -> Build:
    """Return a build.

    :param tx: the transaction.
    :param build_id: id of the build.
    :returns: the build.
    :raises Refused: the build does not exist.
    """
    try:
        return builds.get(tx, build_id)
    except NotFound as error:
        raise Refused(f"Build with id `{build_id}` not found", 404, {"build_id": build_id}) from error


def get_project(tx: Transaction, project_id: int) -> Project:
    """Return a project.

    :param tx: the transaction.
    :param project_id: id of the project.
    :returns: the project.
    :raises Refused: the project does not exist.
    """
    try:
        return projects.get_by_id(tx, project_id)
    except NotFound as error:
        raise Refused(f"Project with id `{project_id}` not found", 404, {"project_id": project_id}) from error


def find_owner(tx: Transaction, ownername: str | None) -> str | None:
    """Check that a user or group exists.

    :param tx: the transaction.
    :param ownername: name of the user, or of the group with `@`; None if the request names none.
    :returns: the name.
    :raises Refused: the user or group does not exist.
    """
    try:
        if ownername is not None:
            users.get_owner(tx, ownername)
    except NotFound as error:
        raise Refused(f"User `{ownername}` doesn't have any project", 404, {"username": ownername}) from error
    return ownername
