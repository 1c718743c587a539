"""A page of results, as a list.

Rules: not in `results`, so that importing the client does not import munch. A page knows its call; the next
page is that call with another offset.
"""

from __future__ import annotations

from ._late import value_of
from ._typing import TYPE_CHECKING, Any, TypeVar, evaluable

if TYPE_CHECKING:
    from ._wire import Call
    from .results import PageMeta

Item = TypeVar("Item", default=Any)


class List(list[Item]):
    """The items of one page, and what the service said about the page.

    :param items: the items.
    :param meta: the attribute `meta`: a record with `limit` (None: no limit), `offset`, `order` and
        `order_type`.
    :param response: the attribute `__response__`: the response that the page came in.
    :param proxy: the attribute `__proxy__`: the proxy that sent the request.
    :param call: the call of the page, which paging needs.
    """

    def __init__(
        self,
        items: Any,
        meta: Any = None,
        response: Any = None,
        proxy: Any = None,
        *,
        call: Call[List[Item]] | None = None,
    ) -> None:
        list.__init__(self, items)
        self.meta: PageMeta = meta
        self._origin = response
        self.__proxy__ = proxy
        self._call = call

    @property
    def __response__(self) -> Any:
        return value_of(self._origin)

    @__response__.setter
    def __response__(self, response: Any) -> None:
        self._origin = response

    def __reduce__(self) -> Any:
        # Without the response and the proxy, which have the credentials.
        return type(self), (list(self), self.meta)

    def __copy__(self) -> List[Item]:
        return type(self)(self, self.meta, self._origin, self.__proxy__, call=self._call)

    def __deepcopy__(self, memo: dict[int, Any]) -> List[Item]:
        from copy import deepcopy

        items, meta = deepcopy(list(self), memo), deepcopy(self.meta, memo)
        return type(self)(items, meta, self._origin, self.__proxy__, call=self._call)

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        # pydantic then takes objects of this class as they are.
        from pydantic_core.core_schema import is_instance_schema

        return is_instance_schema(cls)

    def _came_from(self, proxy: object) -> None:
        self.__proxy__ = proxy
        slot = getattr(type(self[0]), "__proxy__", None) if self else None
        if slot is not None:
            # Faster than an attribute of each: a page can have a hundred thousand items, all of one class.
            remember = slot.__set__
            for item in self:
                remember(item, proxy)


evaluable(__name__, List)
List.__module__ = "copr.v3.helpers"  # its documented place
