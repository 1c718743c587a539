"""Endpoints of API v1 that show, cancel and delete builds."""

from __future__ import annotations

from typing import Any

from ..rules import builds
from ..rules.errors import Conflict, Forbidden, RuleError
from ..wire import old_api_deletions
from ..wire.context import reading, writing
from ..wire.old_api_login import caller, needs_login
from . import render
from .errors import refusing
from .routes import api


@api.get("/coprs/build/<int:build_id>/")
@api.get("/coprs/build_detail/<int:build_id>/")
def get_build(build_id: int) -> Any:
    """Return one build.

    :param build_id: id of the build.
    :returns: the JSON response with the build; times are unix time in seconds, UTC.
    :raises NotFound: the build does not exist.
    :source: ``GET /api/coprs/build/{build_id}/``, ``GET /api/coprs/build_detail/{build_id}/``
    """
    with reading() as tx:
        return render.ok(**render.build(builds.get(tx, build_id)))


@api.get("/coprs/build_status/<int:build_id>/")
def get_build_status(build_id: int) -> Any:
    """Return the state of a build.

    :param build_id: id of the build.
    :returns: the JSON response with the state as `status`.
    :raises NotFound: the build does not exist.
    :source: ``GET /api/coprs/build_status/{build_id}/``
    """
    with reading() as tx:
        return render.ok(status=builds.get(tx, build_id).state)


@api.post("/coprs/cancel_build/<int:build_id>/")
@needs_login
def cancel_build(build_id: int) -> Any:
    """Cancel a build.

    :param build_id: id of the build.
    :returns: the JSON response with a message as `status`.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the build, or the user that a proxy user acts for, does not exist.
    :raises Refused: the user may not cancel the build, or it has finished.
    :source: ``POST /api/coprs/cancel_build/{build_id}/``
    """
    with writing() as tx:
        build = builds.get(tx, build_id)
        with refusing(Forbidden), refusing(Conflict, "{}"):
            builds.cancel(tx, caller(tx), build)
        return render.ok(status="Build canceled")


@api.post("/coprs/delete_build/<int:build_id>/")
@needs_login
def delete_build(build_id: int) -> Any:
    """Delete a build with its results.

    :param build_id: id of the build.
    :returns: the JSON response with a message as `status`.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the build, or the user that a proxy user acts for, does not exist.
    :raises Refused: the user may not delete the build, it has not finished, or its project is protected.
    :source: ``POST /api/coprs/delete_build/{build_id}/``
    """
    with writing() as tx:
        build, user = builds.get(tx, build_id), caller(tx)
        with refusing(RuleError):
            old_api_deletions.check_build(user, build)
            builds.delete(tx, user, build)
        return render.ok(status="Build deleted")
