"""What all handles of client v2 are: a client that sends, and an address.

Rules: a handle makes calls and resources, the client carries the calls out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._typing import Any, Protocol, TypeVar
from . import _calls as calls
from .net_client import NetClient, RequestError, ResponseWrapper
from .resources import CollectionResource, IndividualResource, OperationResult

Individual = TypeVar("Individual", bound=IndividualResource)
Collection = TypeVar("Collection", bound=CollectionResource[Any])


class Sender(Protocol):
    """A client, as far as handles need it: they ask it to send their calls."""

    @property
    def username(self) -> str | None:
        """The user's name, as far as it is configured."""

    def carry_out(self, call: calls.Answered) -> ResponseWrapper:
        """Send a call and return the answer."""


class AbstractHandle:
    """A way to one kind of resource.

    `client`: whose it is, which sends; `nc`: who asks; `root_url`: the service's address.
    """

    def __init__(self, client: Sender, nc: NetClient, root_url: str) -> None:
        self._client = client
        self.nc = nc
        self.root_url = root_url

    def get_base_url(self, *args: Any, **kwargs: Any) -> str:
        """The address of the resources."""
        raise NotImplementedError

    def _ask(self, call: calls.Answered) -> ResponseWrapper:
        return self._client.carry_out(call)

    def _one(self, kind: type[Individual], endpoint: str, **rest: Any) -> Individual:
        response = self._ask(calls.look(endpoint, kind._key))
        return kind.from_response(self, response.json, response=response, **rest)

    def _list(self, kind: type[Collection], endpoint: str, options: Mapping[str, Any]) -> Collection:
        call = calls.look_through(endpoint, kind._key, kind._item_class._key, options)
        return kind.from_response(self, self._ask(call), options)

    def _change(self, call: calls.Answered, expected_status: int, entity: Any = None) -> OperationResult:
        response = self._ask(call)
        return OperationResult(self, response=response, entity=entity, expected_status=expected_status)


class CollectionHandle(AbstractHandle):
    """A handle whose resources are at one address: `href`, a path."""

    def __init__(self, client: Sender, nc: NetClient, root_url: str, href: str) -> None:
        super().__init__(client, nc, root_url)
        self._href = href

    def get_base_url(self) -> str:
        """The address of the resources."""
        return self.root_url.rstrip("/") + self._href


def number_of(created: ResponseWrapper) -> int:
    """The number of what a creation's answer leads to. Raises RequestError where it leads nowhere."""
    location = created.headers.get("Location", "")
    number = location.rstrip("/").rsplit("/", 1)[-1]
    if not number.isdigit():
        url = str(created.response.url)
        raise RequestError("The answer does not tell where the new resource is", url, response=created)
    return int(number)


def names_of(chroots: str | Iterable[str] | None) -> list[str]:
    """A list of names; a text is one name."""
    return [chroots] if isinstance(chroots, str) else list(chroots or ())


AbstractHandle.__module__ = "copr.client_v2.handlers"  # documented there
