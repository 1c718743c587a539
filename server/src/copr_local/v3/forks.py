"""`/project/fork`: a copy of a project."""

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
    """Where a copy goes, and whether that may be a project that is there."""

    owner = OneOf(default="")
    name = project_name()
    confirm = BooleanField()


@api.route("/project/fork/<ownername>/<projectname>", methods=["POST", "PUT"])
@takes(ForkForm, body="ownername", renamed={"owner": "ownername"})
@deprecated("PUT", use="POST")
@needs_login
def fork_project(ownername: str, projectname: str) -> Any:
    """Copy a project with packages and results: into a new one or, if confirmed, into one that is there."""
    fields = body.read()
    with writing() as tx:
        user = caller(tx)
        source = projects.get(tx, ownername, projectname)
        form = ForkForm(body.form_data({**fields, "owner": fields.get("ownername", "")}))
        form.owner.offer([user.name, *(f"@{group.name}" for group in user.groups)])
        check_form(form)
        name = form.name.data or ""
        # As in the original, the caller's own project of that name is what must be confirmed, also where the
        # copy goes to a group.
        if projects.find(tx, user.name, name) is not None and not form.confirm.data:
            raise Invalid(
                f"You are about to fork into existing project: {name}\n"
                "Please use --confirm if you really want to do this"
            )
        target: Project = forks.fork(tx, user, source, form.owner.data or "", name)
        return render.project(target)
