"""Checks before a deletion, with the error texts of API v1 and v2."""

from __future__ import annotations

from ..data.database import Transaction
from ..data.models import Build, Project, User
from ..rules import overviews, permissions, states
from ..rules.errors import Forbidden, NotFinished


def check_build(user: User, build: Build) -> None:
    """Check that a user can delete a build.

    :param user: user who sent the request.
    :param build: the build to delete.
    :raises Forbidden: the user is not allowed to delete it.
    :raises NotFinished: the build has not finished.
    """
    if not permissions.can_edit(user, build.project):
        raise Forbidden(f"You are not allowed to delete build `{build.id}`.")
    if build.state not in states.FINISHED:
        raise NotFinished(f"You can not delete build `{build.id}` which is not finished.")


def check_project(tx: Transaction, user: User, project: Project) -> None:
    """Check that a user can delete all builds of a project.

    The error names the newest build, or the newest build that has not finished. A project without builds
    passes the check.

    :param tx: the transaction.
    :param user: user who sent the request.
    :param project: the project to delete.
    :raises Forbidden: the user is not allowed to delete the builds.
    :raises NotFinished: a build has not finished.
    """
    for build in (overviews.newest_build(tx, project), overviews.newest_build(tx, project, unfinished=True)):
        if build is not None:
            check_build(user, build)
