"""Endpoints of API v1 that fork a project and replace the secret of its webhooks."""

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
    """The fields of a request to fork a project.

    `owner` and `name` are those of the fork. `confirm` allows a fork into a project that exists.
    """

    name = StringField(validators=[Required(), rule(checks.project_name)])
    owner = OneOf(())
    confirm = BooleanField()


@api.post(f"{PROJECT}/fork/")
@needs_login
def fork_project(ownername: str, projectname: str) -> Any:
    """Copy a project with its packages and results into a new project, or into an existing one if confirmed.

    :param ownername: name of the source project's owner; a group's name starts with `@`.
    :param projectname: name of the source project without the owner.
    :returns: the JSON response with a message.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, or the user that a proxy user acts for, does not exist.
    :raises Refused: fields are not valid, or the target exists and the request does not confirm it.
    :raises Invalid: the target is the source project itself.
    :source: ``POST /api/coprs/{ownername}/{projectname}/fork/``
    """
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
        # The real Copr frontend names the two projects in this order, although it updates the target.
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
    """Replace the webhook secret of a project. The old secret stops working.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :returns: the JSON response with the new secret in its message.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :raises NotFound: the project, or the user that a proxy user acts for, does not exist.
    :raises Refused: the user may not change the project.
    :source: ``POST /api/coprs/{ownername}/{projectname}/new_webhook_secret/``
    """
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        with refusing(Forbidden, "You can only change webhook secret for your project."):
            webhooks.new_secret(caller(tx), project)
        return render.ok(message=f"Generated new token: {project.webhook_secret}")
