"""`/build`: get, list, source build, built packages, cancel, delete."""

from __future__ import annotations

from typing import Any

from flask import Response, json, request

from ..rules import build_listing, builds
from ..wire import build_deletions
from ..wire.context import reading, service, writing
from . import build_records, query, render
from .description import takes
from .errors import Crash
from .login import caller, needs_login
from .routes import api, deprecated


@api.get("/build/<int:build_id>")
def get_build(build_id: int) -> Any:
    """Return one build.

    :param build_id: id of the build.
    :returns: the build, from the response cache if nothing has changed.
    :raises NotFound: the build does not exist.
    :source: ``GET /api_3/build/{build_id}``
    """

    def answer() -> bytes:
        with reading() as tx:
            return json.dumps(render.build(builds.get(tx, build_id))).encode()

    return Response(service().response_cache.get(f"build {build_id}", answer), mimetype="application/json")


@api.get("/build/list")
@takes(query="ownername projectname", optional="packagename status", page=True)
def list_builds() -> Any:
    """Return the builds of a project, newest first.

    :returns: one page of the listing.
    :raises Invalid: a query argument is missing.
    :raises NotFound: the project does not exist.
    :raises Crash: an argument of the page is invalid.
    :raises CannotOrder: builds cannot be sorted by this property.
    :raises HTTPException: the owner or project name is empty.
    :source: ``GET /api_3/build/list``
    """
    page = query.page()
    with reading() as tx:
        project = query.project(tx)
    found = build_listing.query(project, page, request.args.get("packagename"), request.args.get("status"))
    return build_records.response(found, page)


@api.get("/build/source-chroot/<int:build_id>")
def get_source_chroot(build_id: int) -> Any:
    """Return the source build of a build; status 500 before it starts, like the real Copr frontend.

    :param build_id: id of the build.
    :returns: the state and the results URL of the source build.
    :raises NotFound: the build does not exist.
    :raises Crash: the source build has not started.
    :source: ``GET /api_3/build/source-chroot/{build_id}``
    """
    with reading() as tx:
        build = builds.get(tx, build_id)
        if build.source_started_on is None:
            raise Crash
        return render.source_chroot(build)


@api.get("/build/source-build-config/<int:build_id>")
def get_source_build_config(build_id: int) -> Any:
    """Return the build configuration of a source build.

    :param build_id: id of the build.
    :returns: the source type, its parameters and the limits of the source build.
    :raises NotFound: the build does not exist.
    :source: ``GET /api_3/build/source-build-config/{build_id}``
    """
    with reading() as tx:
        return render.source_build_config(builds.get(tx, build_id))


@api.get("/build/built-packages/<int:build_id>")
def get_built_packages(build_id: int) -> Any:
    """Return the packages that were built, for each chroot of a build.

    :param build_id: id of the build.
    :returns: for each chroot name, the list of packages under `packages`.
    :raises NotFound: the build does not exist.
    :source: ``GET /api_3/build/built-packages/{build_id}``
    """
    with reading() as tx:
        build = builds.get(tx, build_id)
        return {chroot.name: render.built_packages(chroot) for chroot in build.chroots}


@api.route("/build/cancel/<int:build_id>", methods=["PUT", "POST"])
@deprecated("POST", use="PUT")
@needs_login
def cancel_build(build_id: int) -> Any:
    """Cancel a build.

    :param build_id: id of the build.
    :returns: the canceled build.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the build does not exist.
    :raises Forbidden: the caller may not cancel the build.
    :raises Conflict: the build has finished.
    :source: ``PUT /api_3/build/cancel/{build_id}``; ``POST`` is deprecated
    """
    with writing() as tx:
        build = builds.get(tx, build_id)
        builds.cancel(tx, caller(tx), build)
        return render.build(build)


@api.route("/build/delete/<int:build_id>", methods=["DELETE", "POST"])
@deprecated("POST", use="DELETE")
@needs_login
def delete_build(build_id: int) -> Any:
    """Delete a build with its results.

    :param build_id: id of the build.
    :returns: the build before its deletion.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the build does not exist.
    :raises Forbidden: the caller may not delete the build, or the project is persistent.
    :raises NotFinished: the build has not finished.
    :source: ``DELETE /api_3/build/delete/{build_id}``; ``POST`` is deprecated
    """
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
    """Delete builds with their results. If one of them cannot be deleted, all stay.

    :returns: the ids of the deleted builds, under `builds`.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises Invalid: a build does not exist, has not finished, or the caller may not delete it.
    :raises Crash: the body does not have a list of integers under `builds`.
    :raises HTTPException: the body is not valid JSON.
    :source: ``DELETE /api_3/build/delete/list``; ``POST`` is deprecated
    """
    fields = request.get_json()
    wanted = fields.get("builds") if isinstance(fields, dict) else None
    if not isinstance(wanted, list) or not all(type(build_id) is int for build_id in wanted):
        raise Crash
    build_deletions.delete(caller, wanted)
    return {"builds": wanted}
