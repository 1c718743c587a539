"""Copies of a project, and the secret in its webhooks."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form, StringField

from ..rules import checks, forks, projects, webhooks
from ..rules.errors import Forbidden
from ..wire.context import writing
from ..wire.fields import rule
from ..wire.old_api_login import caller, needs_login
from . import forms, render
from .errors import Refused, refusing
from .forms import OneOf, Required
from .routes import PROJECT, api


class ForkForm(Form):
    """Where a copy goes, and whether that may be a project that is there."""

    name = StringField(validators=[Required(), rule(checks.project_name)])
    owner = OneOf(())
    confirm = BooleanField()


@api.post(f"{PROJECT}/fork/")
@needs_login
def fork_project(ownername: str, projectname: str) -> Any:
    """Copy a project with its packages and results: into a new one or, if confirmed, one that is there."""
    with writing() as tx:
        source, user = projects.get(tx, ownername, projectname), caller(tx)
        form = ForkForm(forms.read())
        form.owner.names = [user.name, *(f"@{group.name}" for group in user.groups)]
        if not form.validate():
            raise Refused(f"Invalid request: {form.errors}")
        owner, name = form.owner.data or user.name, form.name.data or ""
        is_new = projects.find(tx, owner, name) is None
        if not (is_new or form.confirm.data):
            raise Refused(
                f"You are about to fork into existing project: {owner}/{name}\n"
                "Please use --confirm if you really want to do this"
            )
        target = forks.fork(tx, user, source, owner, name)
        done = (
            f"Forking project {source.full_name} for you into {target.full_name}."
            if is_new
            else f"Updating packages in {source.full_name} from {target.full_name}."
        )
        later = "Please be aware that it may take a few minutes to duplicate backend data."
        return render.ok(message=f"{done}\n{later}")


@api.post(f"{PROJECT}/new_webhook_secret/")
@needs_login
def new_webhook_secret(ownername: str, projectname: str) -> Any:
    """Replace a project's secret; the old one stops working."""
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        with refusing(Forbidden, "You can only change webhook secret for your project."):
            webhooks.new_secret(caller(tx), project)
        return render.ok(message=f"Generated new token: {project.webhook_secret}")
