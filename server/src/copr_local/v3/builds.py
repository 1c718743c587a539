"""`/build`: get, list, source step, packages, cancel, delete."""

from __future__ import annotations

from typing import Any

from flask import Response, json, request

from ..rules import builds
from ..wire.context import reading, service, writing
from . import query, render
from .description import takes
from .errors import Crash
from .login import caller, needs_login
from .routes import api, deprecated


@api.get("/build/<int:build_id>")
def get_build(build_id: int) -> Any:
    """One build."""

    def answer() -> bytes:
        with reading() as tx:
            return json.dumps(render.build(builds.get(tx, build_id))).encode()

    return Response(service().response_cache.get(f"build {build_id}", answer), mimetype="application/json")


@api.get("/build/list")
@takes(query="ownername projectname", optional="packagename status", page=True)
def list_builds() -> Any:
    """The builds of a project, newest first."""
    page = query.page()
    with reading() as tx:
        project = query.project(tx)
        found = builds.in_list(tx, project, page, request.args.get("packagename"), request.args.get("status"))
        return render.listing(map(render.build, found), page)


@api.get("/build/source-chroot/<int:build_id>")
def get_source_chroot(build_id: int) -> Any:
    """The source step of a build; 500 until it begins, as in the original."""
    with reading() as tx:
        build = builds.get(tx, build_id)
        if build.source_started_on is None:
            raise Crash
        return render.source_chroot(build)


@api.get("/build/source-build-config/<int:build_id>")
def get_source_build_config(build_id: int) -> Any:
    """What the source step of a build is made from."""
    with reading() as tx:
        return render.source_build_config(builds.get(tx, build_id))


@api.get("/build/built-packages/<int:build_id>")
def get_built_packages(build_id: int) -> Any:
    """What came out of a build, for each chroot."""
    with reading() as tx:
        build = builds.get(tx, build_id)
        return {chroot.name: render.built_packages(chroot) for chroot in build.chroots}


@api.route("/build/cancel/<int:build_id>", methods=["PUT", "POST"])
@deprecated("POST", use="PUT")
@needs_login
def cancel_build(build_id: int) -> Any:
    """Cancel a build."""
    with writing() as tx:
        build = builds.get(tx, build_id)
        builds.cancel(tx, caller(tx), build)
        return render.build(build)


@api.route("/build/delete/<int:build_id>", methods=["DELETE", "POST"])
@deprecated("POST", use="DELETE")
@needs_login
def delete_build(build_id: int) -> Any:
    """Delete a build with its results."""
    with writing() as tx:
        build = builds.get(tx, build_id)
        answer = render.build(build)
        builds.delete(tx, caller(tx), build)
        return answer


@api.route("/build/delete/list", methods=["DELETE", "POST"])
@takes(body="builds")
@deprecated("POST", use="DELETE")
@needs_login
def delete_builds() -> Any:
    """Delete builds with their results, all or none."""
    fields = request.get_json()
    wanted = fields.get("builds") if isinstance(fields, dict) else None
    if not isinstance(wanted, list) or not all(type(build_id) is int for build_id in wanted):
        raise Crash
    with writing() as tx:
        builds.delete_many(tx, caller(tx), wanted)
    return {"builds": wanted}
