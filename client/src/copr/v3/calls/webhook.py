"""The call that renews a project's webhook secret."""

from __future__ import annotations

from ..._calls import path, record
from ..._submission import Submission
from ..._typing import TYPE_CHECKING
from ..._wire import Call

if TYPE_CHECKING:
    from ...results import WebhookSecret


def generate(ownername: str, projectname: str) -> Call[WebhookSecret]:
    """Replace a project's webhook secret with a new one.

    Webhook URLs with the old secret stop working.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :returns: a record with `webhook_secret`, and with the project's `id`, `name`, `ownername` and
        `full_name`.
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service reports another error.
    :raises CoprSubmissionUnknown: the response, and the new secret with it, was lost. Call this again to get
        another secret.
    :raises CoprConnectionException: the service cannot be reached; the secret did not change.
    :raises CoprTimeoutException: no connection was made in time; nothing was sent.
    :source: ``POST /webhook/generate/{ownername}/{projectname}``
    """
    # Without a search: no call returns the secret once more.
    return Submission(
        "POST",
        path("webhook", "generate", ownername, projectname),
        query={"ownername": ownername, "projectname": projectname},  # the released client repeats them, too
        decode=record,
    )
