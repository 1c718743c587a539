"""Forms for several builds: users choose them in the list of a project, to cancel or delete them."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import request

from ..data.database import Transaction
from ..data.models import Build, Project
from ..rules import builds, projects, states
from ..rules.errors import Conflict
from ..wire import build_deletions
from ..wire.context import reading, writing
from ..wire.fields import Errors, InvalidFields
from .display import address
from .of_project import of_project, show
from .pages import list_of_builds
from .project_settings import check_word
from .viewer import answer, caller, done, needs_sign_in


@of_project("builds/cancel/", methods=["POST"])
@needs_sign_in
def cancel_builds(ownername: str, name: str) -> Any:
    """Cancel the chosen builds, each in a transaction of its own; those that have finished are left out.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: a redirect to the builds of the project; their list with an error if none can be canceled.
    :raises NotFound: the project does not exist, or does not have one of the builds.
    :raises Forbidden: the user may not cancel the builds.
    :source: `POST /coprs/{ownername}/{name}/builds/cancel/`
    """

    def act() -> Any:
        with reading() as tx:
            project = projects.get(tx, ownername, name)
            path = f"{address(project)}builds/"
            chosen = [build.id for build in _unfinished(_chosen(tx, project))]
        for build_id in chosen:
            with suppress(Conflict), writing() as tx:  # it may have finished meanwhile
                project = projects.get(tx, ownername, name)
                builds.cancel(tx, caller(tx), builds.of_project(tx, project, build_id))
        return done(path)

    return answer(lambda errors: _list(ownername, name, errors), act)


@of_project("builds/delete/", methods=["POST"])
@needs_sign_in
def delete_builds(ownername: str, name: str) -> Any:
    """Ask for a word, and delete the chosen builds with their results.

    :param ownername: name of the user, or of the group with its @.
    :param name: name of the project.
    :returns: the page that asks for the word; after the deletion a redirect to the builds of the project.
    :raises NotFound: the project does not exist, or does not have one of the builds.
    :source: `POST /coprs/{ownername}/{name}/builds/delete/`
    """

    def shown(errors: Errors) -> str:
        if "build" not in request.form:
            return _list(ownername, name, errors)
        with reading() as tx:
            project = projects.get(tx, ownername, name)
            chosen = _chosen(tx, project)
            return show(
                tx,
                "delete.html",
                project,
                "builds/",
                errors=errors,
                what=_counted(chosen),
                word=f"delete {len(chosen)}",
                back=f"{address(project)}builds/",
                builds=chosen,
            )

    def act() -> Any:
        with reading() as tx:
            project = projects.get(tx, ownername, name)
            chosen = [build.id for build in _chosen(tx, project)]
            path = f"{address(project)}builds/"
        if "word" not in request.form:
            return shown({})
        check_word(f"delete {len(chosen)}")
        build_deletions.delete(caller, chosen)
        return done(path)

    return answer(shown, act)


def _chosen(tx: Transaction, project: Project) -> list[Build]:
    """Return the builds of a project that are chosen in the form, newest first."""
    wanted = sorted(set(request.form.getlist("build", type=int)), reverse=True)
    if not wanted:
        raise InvalidFields({"": ["Choose at least one build."]})
    return [builds.of_project(tx, project, build_id) for build_id in wanted]


def _unfinished(chosen: list[Build]) -> list[Build]:
    """Return the builds that can be canceled."""
    found = [build for build in chosen if build.state not in states.FINISHED]
    if not found:
        raise InvalidFields({"": ["All these builds have finished."]})
    return found


def _counted(chosen: list[Build]) -> str:
    """Return how many builds are chosen, in words."""
    return f"{len(chosen)} build{'' if len(chosen) == 1 else 's'}"


def _list(ownername: str, name: str, errors: Errors) -> str:
    """Return the list of builds with errors."""
    with reading() as tx:
        return list_of_builds(tx, projects.get(tx, ownername, name), errors)
