"""The call that renews a project's webhook secret."""

from __future__ import annotations

from ..._calls import path, record
from ..._submission import Submission
from ..._typing import TYPE_CHECKING
from ..._wire import Call

if TYPE_CHECKING:
    from ...results import WebhookSecret


def generate(ownername: str, projectname: str) -> Call[WebhookSecret]:
    """Replace a project's webhook secret by a new one; addresses with the old one no longer work.

    `ownername`: a user, or a group as "@name".

    Returns a record with `webhook_secret`.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    project, CoprConnectionException or CoprTimeoutException where the service is not reached,
    CoprSubmissionUnknown where the answer, and the secret with it, was lost. Source: POST
    /webhook/generate/OWNER/PROJECT
    """
    return Submission("POST", path("webhook", "generate", ownername, projectname), decode=record)
