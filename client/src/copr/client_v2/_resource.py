"""The base classes of the resources of client v2: one thing with its links, and a page of them.

Rules: a resource is made from the service's document. Setting a field changes only the local object, until
`update`. A field is a descriptor; there is no metaclass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .._typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast, evaluable
from ..util import UnicodeMixin
from .entities import Entity, Link

if TYPE_CHECKING:
    from .net_client import ResponseWrapper

T = TypeVar("T")
Item = TypeVar("Item", bound="IndividualResource")


class Field(Generic[T]):
    """A field of a resource.

    Its value is the attribute of the entity with the same name.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, resource: Any, owner: type | None = None) -> T:
        value: Any = self if resource is None else getattr(resource._entity, self._name)
        return cast("T", value)

    def __set__(self, resource: Any, value: T) -> None:
        setattr(resource._entity, self._name, value)


class IndividualResource(UnicodeMixin):
    """One thing of the service.

    Its entity is an `_entity_class`. The service's documents have it in the field `_key`.

    :param entity: the thing's fields.
    :param handle: the handle that the thing came from.
    :param response: the response that it came in.
    :param links: links to related resources, by their names.
    :param embedded: other resources that the response has.
    :param options: options of the call.
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
        """Make a resource from the JSON object that the service sent for it.

        :param handle: the handle that made the request.
        :param data_dict: the JSON object.
        :param response: the response with the JSON object; None if it is part of a list.
        :param options: options of the request.
        :param rest: other arguments of the class.
        :returns: the resource.
        """
        entity = cls._entity_class.from_dict(data_dict[cls._key])
        links = Link.from_dict(data_dict.get("_links") or {})
        return cls(entity, handle, response=response, links=links, options=options, **rest)

    def get_href_by_name(self, name: str) -> str:
        """Return the path of a related resource.

        :param name: name of the link, such as "builds".
        :returns: the path on the service.
        :raises KeyError: there is no such link.
        """
        return self._links[name].href

    def __str__(self) -> str:
        return str(self._entity)


class CollectionResource(Iterable[Item], UnicodeMixin):
    """One page of a list of things.

    Each is an `_item_class`. The service's documents have the list in the field `_key`.

    :param handle: the handle that the page came from.
    :param response: the response that it came in.
    :param links: links to related resources, by their names.
    :param individuals: the things.
    :param options: options of the handle's `get_list`.
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
        """Make a page of resources from a response.

        :param handle: the handle that made the request.
        :param response: the response.
        :param options: options of the handle's `get_list`.
        :param rest: other arguments of the class.
        :returns: the page.
        """
        document = response.json
        items = [cls._item_class.from_response(handle, each, **rest) for each in document[cls._key]]
        links = Link.from_dict(document.get("_links") or {})
        return cls(handle, response=response, links=links, individuals=items, options=options, **rest)

    def get_href_by_name(self, name: str) -> str:
        """Return the path of a related resource.

        :param name: name of the link.
        :returns: the path on the service.
        :raises KeyError: there is no such link.
        """
        return self._links[name].href

    def next_page(self) -> Self:
        """Return the next page, with the same options.

        :returns: the page, empty after the last one.
        :raises RequestError: the service reports an error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        """
        if "offset" not in self._options:  # such a collection has one page
            return type(self)(self._handle, options=self._options, **self._next_page_of())
        page: Self = self._handle.get_list(
            **{**self._options, "offset": (self._options["offset"] or 0) + len(self)}
        )
        return page

    def _next_page_of(self) -> dict[str, Any]:
        """Return other arguments that the next page is made with."""
        return {}

    def __iter__(self) -> Iterator[Item]:
        return iter(self._individuals)

    def __len__(self) -> int:
        return len(self._individuals)

    def __getitem__(self, place: Any) -> Any:
        return self._individuals[place]

    def __str__(self) -> str:
        return f"<{type(self).__name__}: [{', '.join(map(str, self))}]>"


evaluable(__name__)
CollectionResource.__module__ = IndividualResource.__module__ = "copr.client_v2.resources"  # documented there
