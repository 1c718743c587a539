"""What client v2 returns beside things and lists of them: the root, and the result of a change.

Rules: those of `resources`, where the documentation has these classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin

from .._typing import TYPE_CHECKING, Any
from ._resource import IndividualResource
from .entities import Entity, Link

if TYPE_CHECKING:
    from .net_client import ResponseWrapper


class Root(IndividualResource):
    """What the service has."""

    def __init__(self, response: ResponseWrapper | None, links: Mapping[str, Link], root_url: str) -> None:
        super().__init__(None, response=response, links=links)
        self.root_url = root_url

    def get_resource_base_url(self, resource_name: str) -> str:
        """The address of a collection, such as "projects". Raises KeyError where there is no such."""
        return urljoin(self.root_url + "/", self.get_href_by_name(resource_name))

    @classmethod
    def from_response(cls, response: ResponseWrapper, root_url: str) -> Root:  # type: ignore[override]
        """The root, from the service's answer."""
        return cls(response, Link.from_dict(response.json["_links"]), root_url)

    def __str__(self) -> str:
        return f"<Root: {self.root_url}>"


class OperationResult(IndividualResource):
    """What became of a change: whether the service answered with `expected_status`."""

    def __init__(
        self,
        handle: Any,
        response: ResponseWrapper | None = None,
        entity: Entity | None = None,
        options: Mapping[str, Any] | None = None,
        expected_status: int = 200,
    ) -> None:
        super().__init__(entity, handle, response=response, options=options)
        self._expected_status = expected_status

    @property
    def new_location(self) -> str | None:
        """The address of what is new, or None where nothing is."""
        location = None if self._response is None else self._response.headers.get("Location")
        return None if location is None else urljoin(f"{self._handle.root_url}/", location)

    def is_successful(self) -> bool:
        """Whether the change was made."""
        return self._response is not None and self._response.status_code == self._expected_status

    def __str__(self) -> str:
        status = None if self._response is None else self._response.status_code
        return f"<Result: {self._entity or ''} status: {status}>"


Root.__module__ = OperationResult.__module__ = "copr.client_v2.resources"  # their documented place
