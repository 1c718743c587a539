"""The response of the legacy client: a document of the service, with additional fields made from it.

Rules: `data` is the service's document and nothing else. An additional field is made when it is first read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._typing import TYPE_CHECKING, Any, evaluable
from ..util import UnicodeMixin


class MissingField(AttributeError, KeyError):
    """A field that a response does not have.

    It is a KeyError too, as scripts for the legacy client expect.
    """

    __str__ = Exception.__str__


class CoprResponse(UnicodeMixin):
    """A response of the service.

    Fields of `parsers` are attributes; `data` is the service's document.

    :param client: the client that sent the call.
    :param method: name of the call, for texts.
    :param data: the service's document.
    :param request_kwargs: parameters of the call, such as `projectname`.
    :param parsers: make the additional fields.
    """

    def __init__(
        self,
        client: Any,
        method: str,
        data: dict[str, Any],
        request_kwargs: Mapping[str, Any] | None = None,
        parsers: Iterable[Any] | None = None,
    ) -> None:
        self.client = client
        self.method = method
        self.data = data
        self.request_kwargs = request_kwargs
        self.parsers = list(parsers or [])
        self.handle: Any = None
        self._owner: str | None = None

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            for parser in self.__dict__.get("parsers", ()):
                if name in parser.provided_fields:
                    request = {"owner": self._owner, **(self.request_kwargs or {})}
                    value = parser.parse(self.data, name, client=self.client, **request)
                    setattr(self, name, value)
                    return value
            raise MissingField(f"This response to {self.__dict__.get('method')} has no field `{name}`")

    else:

        def __getattr__(self, name: str) -> Any: ...

    def __str__(self) -> str:
        return str(self.data)


evaluable(__name__)
CoprResponse.__module__ = MissingField.__module__ = "copr.client.responses"  # their documented place
