"""A browser without scripts for forms of a local Copr, and comparisons of what they leave in the database."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import inspect, select

from copr_local import LocalCopr

SECRET = re.compile(r'name="csrf_token" value="([^"]+)"')
#: Columns that differ between two rows that were made in the same way: ids, names, times, claims.
OWN = {"id", "project_id", "package_id", "dir_id", "build_id", "webhook_secret", "name"}
OWN |= {
    "submitted_on",
    "source_started_on",
    "source_ended_on",
    "started_on",
    "ended_on",
    "delete_after",
    "srpm_digest",
}
OWN |= {"claim", "lease_until"}


class Browser:
    """A browser without scripts."""

    def __init__(self, copr: LocalCopr) -> None:
        self.client = copr.app.test_client()

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def file(self, path: str) -> bytes:
        """Download a published file."""
        with self.client.get(path) as answer:
            assert answer.status_code == 200
            return bytes(answer.data)

    def send(self, path: str, page: str | None = None, status: int = 303, **fields: Any) -> Any:
        """Fill a form: load its page, and send the fields with its token."""
        found = SECRET.search(self.get(page or path))
        assert found is not None
        answer = self.client.post(path, data={"csrf_token": found[1], **fields})
        assert answer.status_code == status, answer.text
        return answer

    def log_in(self, config: dict[str, Any], query: str = "") -> Any:
        return self.send(f"/login/{query}", login=config["login"], token=config["token"])


def rows(copr: LocalCopr, model: Any, *conditions: Any) -> list[dict[str, Any]]:
    """The rows of a table, without the columns in which all rows differ."""
    columns = [attribute.key for attribute in inspect(model).column_attrs if attribute.key not in OWN]
    with copr.database.reading() as tx:
        found = tx.session.scalars(select(model).where(*conditions)).all()
        return [{name: getattr(row, name) for name in columns} for row in found]


def same(copr: LocalCopr, model: Any, first: Any, second: Any) -> list[dict[str, Any]]:
    """The rows that both conditions select; they have to be equal."""
    one, other = rows(copr, model, first), rows(copr, model, second)
    assert one == other
    assert one
    return one
