"""`/builds`: listed, shown, submitted, cancelled, deleted."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from ..data.database import Transaction
from ..data.models import Build, Project, User
from ..rules import builds, checks, overviews, permissions, projects, users
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
    """Builds, the newest first: of a project, or else of an owner; a group says nothing here, as in the
    original."""
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
    """One build, with its chroots if they are asked for."""
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
    """A build from a URL, or from an upload."""
    if not request.content_type:
        raise Refused("Got request without content type header")
    if request.mimetype == "application/json":
        return _from_url()
    if request.mimetype == "multipart/form-data":
        return _from_upload()
    raise Refused(f"Got unexpected content type: {request.content_type}")


def _from_url() -> Response:
    fields = body.read(_BUILD_FROM_URL)
    with writing() as tx:
        return _submit(tx, fields, link(fields["srpm_url"]))


def _from_upload() -> Response:
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
    project = get_project(tx, fields["project_id"])
    user = _check_builder(tx, project)
    options = builds.Options(
        chroots=[each.name for each in project.chroots if each.name in fields["chroots"]] or None,
        enable_net=fields.get("enable_net"),
    )
    directory = projects.get_dir(tx, project, project.name)
    return created("get_build", build_id=builds.submit(tx, user, directory, source, options).id)


def _check_builder(tx: Transaction, project: Project) -> User:
    """The caller, who may build in the project.

    :raises Refused: the caller may not.
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
    """Cancel a build; one that is cancelled stays so."""
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
    """Delete a build with its results."""
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
    """A build by its number.

    :raises Refused: there is none.
    """
    try:
        return builds.get(tx, build_id)
    except NotFound as error:
        raise Refused(f"Build with id `{build_id}` not found", 404, {"build_id": build_id}) from error


def get_project(tx: Transaction, project_id: int) -> Project:
    """A project by its number.

    :raises Refused: there is none.
    """
    try:
        return projects.get_by_id(tx, project_id)
    except NotFound as error:
        raise Refused(f"Project with id `{project_id}` not found", 404, {"project_id": project_id}) from error


def find_owner(tx: Transaction, ownername: str | None) -> str | None:
    """The name of a user or group that is there, if one is asked for.

    :raises Refused: there is none.
    """
    try:
        if ownername is not None:
            users.get_owner(tx, ownername)
    except NotFound as error:
        raise Refused(f"User `{ownername}` doesn't have any project", 404, {"username": ownername}) from error
    return ownername
