"""`/build_tasks`: the chroots of builds."""

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
    """Chroots of builds: those that have not begun, then the others, each in the order of builds.

    A build counts before a project, a project before an owner, an owner before a group; there is nothing of
    what is not there.
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
    """One chroot of a build."""
    with reading() as tx:
        try:
            chroots.check_name(chrootname)
        except UnknownChroot as error:
            raise Refused(f"Bad mock chroot name: {error}") from error
        try:
            return render.build_task(builds.get_chroot(tx, builds.get(tx, build_id), chrootname))
        except (NotFound, UnknownChroot) as error:
            # The original's text, which its clients have shown as it is: with the braces.
            raise Refused("Build task {} for build {} not found", 404) from error
