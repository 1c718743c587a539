"""Projects by their number, which API v3 shows but cannot be asked by.

Rules: what was met in answers is remembered. What was not is looked for in the listing of all projects, which
is in the order of their numbers: by halving, a page at a time, so a service with n projects is asked at most
about log2(n / PAGE) times, and never again for the same number.
"""

from __future__ import annotations

from collections.abc import Generator

from .._typing import Any
from .._wire import Step
from ..v3.calls import project

#: Projects in one page of the listing.
PAGE = 100


class ProjectIds:
    """The projects of one service that were met, by number: owner ("@name" for a group) and name."""

    def __init__(self) -> None:
        self._names: dict[int, tuple[str, str]] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def met(self, record: Any) -> None:
        """Remember a project's record."""
        name = record["ownername"], record["name"]
        self._names[record["id"]] = name
        self._numbers[name] = record["id"]

    def forget(self, number: int) -> None:
        """Forget a project, which may have been deleted."""
        self._numbers.pop(self._names.pop(number, ("", "")), None)

    def name_of(self, number: int) -> Generator[Step, Any, tuple[str, str] | None]:
        """A flow that returns the owner and name of the project with a number, or None: there is none.

        Source: GET /project/list
        """
        first, last = 0, max(number - 1, 0)  # places in the listing where it may be; ids begin at 1
        while number not in self._names and first <= last:
            middle = max(first, (first + last + 1 - PAGE) // 2)
            options = {"limit": PAGE, "offset": middle, "order": "id", "order_type": "ASC"}
            page = yield from project.get_list(pagination=options)
            for record in page:
                self.met(record)
            if not page or page[0]["id"] > number:
                last = middle - 1
            elif page[-1]["id"] < number:
                first = middle + len(page)
                if len(page) < PAGE:
                    break
            else:
                break
        return self._names.get(number)

    def number_of(self, owner: str, name: str) -> Generator[Step, Any, int]:
        """A flow that returns the number of a project. Raises what asking for a project raises."""
        if (owner, name) not in self._numbers:
            self.met((yield from project.get(owner, name)))
        return self._numbers[owner, name]
