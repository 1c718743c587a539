"""What may be deleted, in the words of API v1 and v2."""

from __future__ import annotations

from ..data.database import Transaction
from ..data.models import Build, Project, User
from ..rules import overviews, permissions, states
from ..rules.errors import Forbidden, NotFinished


def check_build(user: User, build: Build) -> None:
    """Check that a build can be deleted.

    :raises Forbidden: the user may not.
    :raises NotFinished: it is not over yet.
    """
    if not permissions.can_edit(user, build.project):
        raise Forbidden(f"You are not allowed to delete build `{build.id}`.")
    if build.state not in states.FINISHED:
        raise NotFinished(f"You can not delete build `{build.id}` which is not finished.")


def check_project(tx: Transaction, user: User, project: Project) -> None:
    """Check that all builds of a project can be deleted, the newest first.

    :raises Forbidden: the user may not.
    :raises NotFinished: one is not over yet.
    """
    for build in (overviews.newest_build(tx, project), overviews.newest_build(tx, project, unfinished=True)):
        if build is not None:
            check_build(user, build)
