"""`/webhook/generate`: a new secret for the webhook URLs that start rebuilds."""

from __future__ import annotations

from typing import Any

from ..rules import projects, webhooks
from ..wire.context import writing
from .login import caller, needs_login
from .routes import api


@api.post("/webhook/generate/<ownername>/<projectname>")
@needs_login
def generate_webhook_secret(ownername: str, projectname: str) -> Any:
    """Replace the secret of a project's webhooks; URLs with the old secret stop working.

    :param ownername: owner of the project; a group has an @.
    :param projectname: name of the project.
    :returns: the names and the id of the project, and the new secret.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :raises NotFound: the project does not exist.
    :raises Forbidden: the caller is not an owner or admin of the project.
    :source: ``POST /api_3/webhook/generate/{ownername}/{projectname}``
    """
    with writing() as tx:
        project = projects.get(tx, ownername, projectname)
        webhooks.new_secret(caller(tx), project)
        return {
            "id": project.id,
            "name": project.name,
            "ownername": project.ownername,
            "full_name": project.full_name,
            "webhook_secret": project.webhook_secret,
        }
