"""Projects by id: API v3 shows the id of a project, but takes only its owner and name.

Rules: projects from responses are remembered. Any other id is searched in the listing of all projects, which
is ordered by id: a binary search, one page per request. For n projects that is about log2(n / PAGE) requests,
once for each id.
"""

from __future__ import annotations

from collections.abc import Generator

from .._typing import Any
from .._wire import Step
from ..v3.calls import project

#: Projects per page of the listing.
PAGE = 100


class ProjectIds:
    """Owner ("@name" for a group) and name of the projects that were seen, by id."""

    def __init__(self) -> None:
        self._names: dict[int, tuple[str, str]] = {}
        self._ids: dict[tuple[str, str], int] = {}

    def add(self, record: Any) -> None:
        """Remember a project's record."""
        name = record["ownername"], record["name"]
        self._names[record["id"]] = name
        self._ids[name] = record["id"]

    def forget(self, project_id: int) -> None:
        """Forget a project, for example because it was deleted."""
        self._ids.pop(self._names.pop(project_id, ("", "")), None)

    def name_of(self, project_id: int) -> Generator[Step, Any, tuple[str, str] | None]:
        """Return the owner and name of a project, or None if there is no such project."""
        first, last = 0, max(project_id - 1, 0)  # where it can be in the listing; ids begin at 1
        while project_id not in self._names and first <= last:
            middle = max(first, (first + last + 1 - PAGE) // 2)
            options = {"limit": PAGE, "offset": middle, "order": "id", "order_type": "ASC"}
            page = yield from project.get_list(pagination=options)
            for record in page:
                self.add(record)
            if not page or page[0]["id"] > project_id:
                last = middle - 1
            elif page[-1]["id"] < project_id:
                first = middle + len(page)
                if len(page) < PAGE:
                    break
            else:
                break
        return self._names.get(project_id)

    def id_of(self, owner: str, name: str) -> Generator[Step, Any, int]:
        """Return the id of a project."""
        if (owner, name) not in self._ids:
            self.add((yield from project.get(owner, name)))
        return self._ids[owner, name]
