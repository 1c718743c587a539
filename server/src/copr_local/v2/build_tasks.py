"""Endpoints of API v2 below `/build_tasks`. A build task is one chroot of a build."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from ..rules import builds, chroots, overviews
from ..rules.errors import NotFound, UnknownChroot
from ..rules.overviews import Filter
from ..wire.context import reading
from . import query, render
from .errors import Refused
from .routes import api

STATES = (
    "failed", "succeeded", "canceled", "running", "pending", "skipped", "starting", "importing", "forked",
    "waiting", "unknown",
)  # fmt: skip


@api.get("/build_tasks")
def list_build_tasks() -> Any:
    """Return one page of build tasks: those that have not started first, then by build id.

    The query parameters select the tasks of one build, project, owner or group. Only the first one of
    `build_id`, `project_id`, `owner` and `group` is used. If the request names something that does not
    exist, the list is empty.

    :returns: the JSON response with the tasks; times are unix time in seconds, UTC.
    :raises Refused: a query parameter is not valid.
    :source: ``GET /api_2/build_tasks``
    """
    page, state = query.page(), query.choice("state", STATES)
    owner, group = request.args.get("owner"), request.args.get("group")
    project_id, build_id = query.number("project_id"), query.number("build_id")
    with reading() as tx:
        if build_id is not None:
            wanted = Filter(build_id=build_id, state=state)
        elif project_id is not None:
            wanted = Filter(project_id=project_id, state=state)
        else:
            wanted = Filter(made_by=owner, group=group if owner is None else None, state=state)
        found = overviews.build_chroots(tx, page, wanted)
        address = query.link(
            url_for("v2.list_build_tasks"),
            owner=owner,
            group=group,
            project_id=project_id,
            build_id=build_id,
            **query.page_link(page),
            state=state,
        )
        return render.listing("build_tasks", map(render.build_task, found), address)


@api.get("/build_tasks/<int:build_id>/<chrootname>")
def get_build_task(build_id: int, chrootname: str) -> Any:
    """Return one build task.

    :param build_id: id of the build.
    :param chrootname: name of the chroot.
    :returns: the JSON response with the task; times are unix time in seconds, UTC.
    :raises Refused: the name of the chroot is not valid, or the build or its chroot does not exist.
    :source: ``GET /api_2/build_tasks/{build_id}/{chrootname}``
    """
    with reading() as tx:
        try:
            chroots.check_name(chrootname)
        except UnknownChroot as error:
            raise Refused(f"Bad mock chroot name: {error}") from error
        try:
            return render.build_task(builds.get_chroot(tx, builds.get(tx, build_id), chrootname))
        except (NotFound, UnknownChroot) as error:
            # The real Copr frontend sends this text as it is, with the braces.
            raise Refused("Build task {} for build {} not found", 404) from error
