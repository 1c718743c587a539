"""`/project/fork`: fork a project."""

from __future__ import annotations

from typing import Any

from ..data.models import Project
from ..rules import forks, projects
from ..wire.context import writing
from ..wire.project_forms import ForkForm, fork_form
from . import body, render
from .description import takes
from .login import caller, needs_login
from .routes import api, deprecated


@api.route("/project/fork/<ownername>/<projectname>", methods=["POST", "PUT"])
@takes(ForkForm, body="ownername", renamed={"owner": "ownername"})
@deprecated("PUT", use="POST")
@needs_login
def fork_project(ownername: str, projectname: str) -> Any:
    """Fork a project with packages and results into a new project or, if confirmed, into an existing one.

    :param ownername: owner of the project to fork; a group has an @.
    :param projectname: name of the project to fork.
    :returns: the target project.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Invalid: fields are invalid, the target exists and is not confirmed, or it is the project itself.
    :raises Crash: a JSON body or `json` part is not an object.
    :source: ``POST /api_3/project/fork/{ownername}/{projectname}``; ``PUT`` is deprecated
    """
    fields = body.read()
    with writing() as tx:
        user = caller(tx)
        source = projects.get(tx, ownername, projectname)
        form = fork_form(tx, user, fields)
        target: Project = forks.fork(tx, user, source, form.owner.data or "", form.name.data or "")
        return render.project(target)
