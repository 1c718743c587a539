"""A message in the form that consumers of fedora-messaging get.

The headers are those that fedora-messaging 3.9 makes of the classes of copr-messaging 1.3. A consumer finds
the class of a message by them, its severity, and the users whom it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..data.pending_work import OutgoingMessage

DEBUG, INFO = 10, 20  # severities
SEVERITIES = {"copr.chroot.start": DEBUG}  # it says the same as copr.build.start, so nobody is notified
SCHEMA_PACKAGE = "copr_messaging"


@dataclass(frozen=True)
class Message:
    """A message about a build, as the callback of a consumer gets it.

    :param id: id of the message; a message that is delivered again has the same one.
    :param topic: topic with its prefix, such as `org.fedoraproject.prod.copr.build.end`.
    :param body: what happened; see the schemas of copr-messaging.
    :param headers: headers as on the wire.
    """

    id: str
    topic: str
    body: Mapping[str, Any]
    headers: Mapping[str, Any]

    @property
    def severity(self) -> int:
        """How important the message is: 10 (debug) or 20 (info)."""
        severity: int = self.headers["fedora_messaging_severity"]
        return severity

    def as_dict(self) -> dict[str, Any]:
        """Return the message in the form that `fedora_messaging.message.loads` reads as JSON.

        :returns: a dict with `id`, `topic`, `body`, `headers`, `queue` and `priority`.
        """
        return {**vars(self), "queue": None, "priority": self.headers["priority"]}


def message_of(row: OutgoingMessage, topic_prefix: str) -> Message:
    """Return the message that a row stands for.

    :param row: the row.
    :param topic_prefix: what topics begin with, without a dot at its end; empty for nothing.
    :returns: the message.
    """
    sent_at = datetime.fromtimestamp(row.sent_on, UTC).isoformat()
    headers = {
        "fedora_messaging_schema": row.topic,
        "fedora_messaging_schema_package": SCHEMA_PACKAGE,
        "sent-at": sent_at,
        "fedora_messaging_severity": SEVERITIES.get(row.topic, INFO),
        "priority": 0,
        **{f"fedora_messaging_user_{name}": True for name in _users(row.body)},
    }
    topic = f"{topic_prefix}.{row.topic}" if topic_prefix else row.topic
    return Message(row.message_id, topic, row.body, headers)


def _users(body: Mapping[str, Any]) -> list[str]:
    """Return the names of the users whom a message is about, without groups."""
    names = {body["user"], body["owner"]} - {None}
    return sorted(name for name in names if not name.startswith("@"))
