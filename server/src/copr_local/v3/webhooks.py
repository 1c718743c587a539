"""`/webhook/generate`: a new secret for the addresses that start rebuilds (`webhooks.py` of the package)."""

from __future__ import annotations

from typing import Any

from ..rules import projects, webhooks
from ..wire.context import writing
from .login import caller, needs_login
from .routes import api


@api.post("/webhook/generate/<ownername>/<projectname>")
@needs_login
def generate_webhook_secret(ownername: str, projectname: str) -> Any:
    """Replace the secret of a project's webhooks."""
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
