"""The newest deliveries of a project's webhooks: what a forge sent, and what it started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, select

from ..data.database import Transaction
from ..data.models import Project, WebhookDelivery

KEPT = 20  # deliveries of each project
LINKED = 10  # builds of a delivery
_LONGEST = 200  # characters of a text that a forge sent


@dataclass(frozen=True)
class Delivery:
    """A call of a webhook. It has neither the secret nor the body.

    :param forge: who called: `github`, `forgejo`, `gitea`, `gitlab`, `bitbucket` or `custom`.
    :param event: name of the event, such as `push`.
    :param reference: branches or tags that were pushed, or the package in the URL.
    :param status: HTTP status of the response.
    :param builds: ids of the first builds that it started, at most `LINKED`.
    :param text: why it started none, for people.
    """

    forge: str
    event: str
    reference: str = ""
    status: int = 200
    builds: Sequence[int] = ()
    text: str = ""


def record(tx: Transaction, project: Project, delivery: Delivery) -> None:
    """Store a delivery, and delete the oldest ones of the project.

    :param tx: transaction to write in.
    :param project: project of the webhook; its secret has been checked.
    :param delivery: the delivery.
    """
    tx.session.add(
        WebhookDelivery(
            project_id=project.id,
            received_on=tx.now,
            forge=delivery.forge,
            event=_stored(delivery.event),
            reference=_stored(delivery.reference),
            status=delivery.status,
            builds=list(delivery.builds),
            text=_stored(delivery.text),
        )
    )
    tx.session.flush()
    old = _of(project).with_only_columns(WebhookDelivery.id).offset(KEPT).limit(KEPT)
    tx.session.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(old)))


def newest(tx: Transaction, project: Project) -> Sequence[WebhookDelivery]:
    """Return the stored deliveries of a project, newest first.

    :param tx: transaction to read in.
    :param project: the project.
    :returns: up to `KEPT` deliveries.
    """
    return tx.session.scalars(_of(project).limit(KEPT)).all()


def _of(project: Project) -> Select[Any]:
    query = select(WebhookDelivery).where(WebhookDelivery.project_id == project.id)
    return query.order_by(WebhookDelivery.id.desc())


def _stored(text: str) -> str:
    """Return a text of a request as the database can store it, and not longer than a page can show it."""
    return text.encode(errors="replace").decode().replace("\0", "")[:_LONGEST]
