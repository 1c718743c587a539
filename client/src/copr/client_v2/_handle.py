"""The base classes of the handles of client v2: they have a client that sends calls, and a URL.

Rules: a handle makes calls and resources; the client sends the calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._typing import Any, Protocol, TypeVar, evaluable
from . import _calls as calls
from .net_client import NetClient, RequestError, ResponseWrapper
from .resources import CollectionResource, IndividualResource, OperationResult

Individual = TypeVar("Individual", bound=IndividualResource)
Collection = TypeVar("Collection", bound=CollectionResource[Any])


class Sender(Protocol):
    """The methods of a client that handles use: they ask it to send their calls."""

    @property
    def username(self) -> str | None:
        """The configured name of the user, or None."""

    def carry_out(self, call: calls.Answered) -> ResponseWrapper:
        """Send a call.

        :param call: the call.
        :returns: the response.
        :raises RequestError: the service reports an error, or cannot be reached.
        """


class AbstractHandle:
    """Methods for one kind of resource.

    :param client: the client, which sends the calls.
    :param nc: the login and token of the client.
    :param root_url: URL of the service.
    """

    def __init__(self, client: Sender, nc: NetClient, root_url: str) -> None:
        self._client = client
        self.nc = nc
        self.root_url = root_url

    def get_base_url(self, *args: Any, **kwargs: Any) -> str:
        """Return the URL of the resources.

        :param args: as subclasses define.
        :param kwargs: as subclasses define.
        :returns: the URL.
        """
        raise NotImplementedError

    def _ask(self, call: calls.Answered) -> ResponseWrapper:
        """Send a call and return the response."""
        return self._client.carry_out(call)

    def _one(self, kind: type[Individual], endpoint: str, **rest: Any) -> Individual:
        """Request one resource."""
        response = self._ask(calls.get(endpoint, kind._key))
        return kind.from_response(self, response.json, response=response, **rest)

    def _list(self, kind: type[Collection], endpoint: str, options: Mapping[str, Any]) -> Collection:
        """Request a list of resources."""
        call = calls.get_list(endpoint, kind._key, kind._item_class._key, options)
        return kind.from_response(self, self._ask(call), options)

    def _change(self, call: calls.Answered, expected_status: int, entity: Any = None) -> OperationResult:
        """Send a call that changes something, and return its result."""
        response = self._ask(call)
        return OperationResult(self, response=response, entity=entity, expected_status=expected_status)


class CollectionHandle(AbstractHandle):
    """A handle for resources that have one URL.

    :param client: the client, which sends the calls.
    :param nc: the login and token of the client.
    :param root_url: URL of the service.
    :param href: path of the resources on the service.
    """

    def __init__(self, client: Sender, nc: NetClient, root_url: str, href: str) -> None:
        super().__init__(client, nc, root_url)
        self._href = href

    def get_base_url(self) -> str:
        """Return the URL of the resources.

        :returns: the URL.
        """
        return self.root_url.rstrip("/") + self._href


def number_of(created: ResponseWrapper) -> int:
    """Return the id of a new resource.

    :param created: the response to the call that created it.
    :returns: the id at the end of its `Location` header.
    :raises RequestError: the response has no such header.
    """
    location = created.headers.get("Location", "")
    number = location.rstrip("/").rsplit("/", 1)[-1]
    if not number.isdigit():
        url = str(created.response.url)
        raise RequestError("The response does not have the URL of the new resource", url, response=created)
    return int(number)


def names_of(chroots: str | Iterable[str] | None) -> list[str]:
    """Return a list of names.

    :param chroots: names, or one name.
    :returns: the names.
    """
    return [chroots] if isinstance(chroots, str) else list(chroots or ())


evaluable(__name__)
AbstractHandle.__module__ = "copr.client_v2.handlers"  # documented there
