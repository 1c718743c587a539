"""What all resources of client v2 are: an entity with its links, and a page of such.

Rules: a resource is made of the service's document. A field that is set is set here, until `update`; a field
is a descriptor, not a metaclass's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .._typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast
from ..util import UnicodeMixin
from .entities import Entity, Link

if TYPE_CHECKING:
    from .net_client import ResponseWrapper

T = TypeVar("T")
Item = TypeVar("Item", bound="IndividualResource")


class Field(Generic[T]):
    """A field of a resource: what its entity has under the same name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, resource: Any, owner: type | None = None) -> T:
        value: Any = self if resource is None else getattr(resource._entity, self._name)
        return cast("T", value)

    def __set__(self, resource: Any, value: T) -> None:
        setattr(resource._entity, self._name, value)


class IndividualResource(UnicodeMixin):
    """One thing of the service.

    Its entity is of `_entity_class`, and under `_key` in the service's documents.
    """

    _key = ""
    _entity_class: type[Entity] = Entity

    def __init__(
        self,
        entity: Entity | None,
        handle: Any = None,
        response: ResponseWrapper | None = None,
        links: Mapping[str, Link] | None = None,
        embedded: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._entity = entity
        self._handle = handle
        self._response = response
        self._links = dict(links or {})
        self._embedded = dict(embedded or {})
        self._options = dict(options or {})

    @classmethod
    def from_response(
        cls,
        handle: Any,
        data_dict: Mapping[str, Any],
        response: ResponseWrapper | None = None,
        options: Mapping[str, Any] | None = None,
        **rest: Any,
    ) -> Self:
        """A resource, from the service's document."""
        entity = cls._entity_class.from_dict(data_dict[cls._key])
        links = Link.from_dict(data_dict.get("_links") or {})
        return cls(entity, handle, response=response, links=links, options=options, **rest)

    def get_href_by_name(self, name: str) -> str:
        """The path of what is linked as `name`, such as "builds". Raises KeyError where nothing is."""
        return self._links[name].href

    def __str__(self) -> str:
        return str(self._entity)


class CollectionResource(Iterable[Item], UnicodeMixin):
    """Some things of the service, one page of them.

    They are of `_item_class`, and under `_key` in the service's documents. `options` are those of the
    handle's `get_list` that the page came from.
    """

    _key = ""
    _item_class: type[Item]

    def __init__(
        self,
        handle: Any = None,
        response: ResponseWrapper | None = None,
        links: Mapping[str, Link] | None = None,
        individuals: Iterable[Item] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._handle = handle
        self._response = response
        self._links = dict(links or {})
        self._individuals = list(individuals or ())
        self._options = dict(options or {})

    @classmethod
    def from_response(
        cls, handle: Any, response: ResponseWrapper, options: Mapping[str, Any], **rest: Any
    ) -> Self:
        """A page, from the service's answer."""
        document = response.json
        items = [cls._item_class.from_response(handle, each, **rest) for each in document[cls._key]]
        links = Link.from_dict(document.get("_links") or {})
        return cls(handle, response=response, links=links, individuals=items, options=options, **rest)

    def get_href_by_name(self, name: str) -> str:
        """The path of what is linked as `name`. Raises KeyError where nothing is."""
        return self._links[name].href

    def next_page(self) -> Self:
        """Ask for the things that come after these, with the same options.

        Returns a page, empty where nothing comes after these; raises what the handle's `get_list` raises.
        """
        if "offset" not in self._options:  # such a collection has one page
            return type(self)(self._handle, options=self._options, **self._next_page_of())
        page: Self = self._handle.get_list(
            **{**self._options, "offset": (self._options["offset"] or 0) + len(self)}
        )
        return page

    def _next_page_of(self) -> dict[str, Any]:
        return {}

    def __iter__(self) -> Iterator[Item]:
        return iter(self._individuals)

    def __len__(self) -> int:
        return len(self._individuals)

    def __getitem__(self, place: Any) -> Any:
        return self._individuals[place]

    def __str__(self) -> str:
        return f"<{type(self).__name__}: [{', '.join(map(str, self))}]>"


CollectionResource.__module__ = IndividualResource.__module__ = "copr.client_v2.resources"  # documented there
