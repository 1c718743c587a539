"""`/project/fork`: fork a project."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form

from ..data.models import Project
from ..rules import forks, projects
from ..rules.errors import Invalid
from ..wire.context import writing
from ..wire.fields import OneOf, check_form
from . import body, render
from .description import takes
from .login import caller, needs_login
from .project_forms import project_name
from .routes import api, deprecated


class ForkForm(Form):
    """The target of a fork, and the confirmation for a project that exists."""

    owner = OneOf(default="")
    name = project_name()
    confirm = BooleanField()


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
        form = ForkForm(body.form_data({**fields, "owner": fields.get("ownername", "")}))
        form.owner.offer([user.name, *(f"@{group.name}" for group in user.groups)])
        check_form(form)
        name = form.name.data or ""
        # As in the real Copr frontend, this checks the caller's own project of that name, even if the fork
        # goes to a group.
        if projects.find(tx, user.name, name) is not None and not form.confirm.data:
            raise Invalid(
                f"You are about to fork into existing project: {name}\n"
                "Please use --confirm if you really want to do this"
            )
        target: Project = forks.fork(tx, user, source, form.owner.data or "", name)
        return render.project(target)
