"""Two resources of client v2: the root of the API, and the result of a change.

Rules: those of `resources`, where the documentation has these classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urljoin

from .._typing import TYPE_CHECKING, Any, evaluable
from ._resource import IndividualResource
from .entities import Entity, Link

if TYPE_CHECKING:
    from .net_client import ResponseWrapper


class Root(IndividualResource):
    """The root of the API, with links to the resources.

    :param response: the response that it came in.
    :param links: links to the resources, by their names.
    :param root_url: URL of the service.
    """

    def __init__(self, response: ResponseWrapper | None, links: Mapping[str, Link], root_url: str) -> None:
        super().__init__(None, response=response, links=links)
        self.root_url = root_url

    def get_resource_base_url(self, resource_name: str) -> str:
        """Return the URL of a kind of resources.

        :param resource_name: its name, such as "projects".
        :returns: the URL.
        :raises KeyError: the service does not have it.
        """
        return urljoin(self.root_url + "/", self.get_href_by_name(resource_name))

    @classmethod
    def from_response(cls, response: ResponseWrapper, root_url: str) -> Root:  # type: ignore[override]
        """Return the root that a response has.

        :param response: the response.
        :param root_url: URL of the service.
        :returns: the root.
        """
        return cls(response, Link.from_dict(response.json["_links"]), root_url)

    def __str__(self) -> str:
        return f"<Root: {self.root_url}>"


class OperationResult(IndividualResource):
    """The result of a change.

    :param handle: the handle that sent the change.
    :param response: the response to it.
    :param entity: the entity that was changed.
    :param options: options of the call.
    :param expected_status: HTTP status of a response that reports success.
    """

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
        """The URL of the new resource, or None if nothing was created."""
        location = None if self._response is None else self._response.headers.get("Location")
        return None if location is None else urljoin(f"{self._handle.root_url}/", location)

    def is_successful(self) -> bool:
        """Return whether the service made the change.

        :returns: True if the response has the expected status.
        """
        return self._response is not None and self._response.status_code == self._expected_status

    def __str__(self) -> str:
        status = None if self._response is None else self._response.status_code
        return f"<Result: {self._entity or ''} status: {status}>"


evaluable(__name__)
Root.__module__ = OperationResult.__module__ = "copr.client_v2.resources"  # their documented place
