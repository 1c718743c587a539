"""A bridge is a table: a route says which plan over API v3 carries out a call of an old API.

Rules: sends nothing. A plan gets the memory of its bridge, the call, and the variable parts of the path,
unquoted. It yields calls of API v3 and returns the document that the old API would have sent, or a whole
Reply. An error response of API v3 becomes one in the old API's shape, with API v3's text. A lost call stays
lost. Plans rely on the documented responses of API v3; if one lacks a field, that is an unknown response.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Mapping
from urllib.parse import unquote

from .._errors import CoprConnectionException, CoprException, CoprUnknownResponseException, misread
from .._policy import with_calls
from .._typing import Any
from .._wire import Call, Flow, Plan, Reply, Step
from .memory import Memory

#: Makes the document of an error response of an old API: from its text and further data.
Refusal = Callable[[str | None, Mapping[str, Any]], Any]


class Refused(Exception):
    """An error that the old API would have reported: its status, its text, and further data."""

    def __init__(self, status: int, message: str | None = None, **data: Any) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.data = data


class Inexpressible(Exception):
    """A call that API v3 cannot carry out; the text says what to use instead."""


class Route:
    """A row of a bridge's table: `plan` carries out the calls with this `method` and `path`.

    A path has {names} for its variable parts; {name:digits} matches digits only.
    """

    __slots__ = ("method", "path", "plan")

    def __init__(self, method: str, path: str, plan: Callable[..., Flow[Any]]) -> None:
        self.method = method
        self.path = path
        self.plan = plan

    def match(self, call: Call[Any]) -> dict[str, str] | None:
        """Return the variable parts of a call's path, unquoted, or None if the route is not for this call."""
        segments, pattern = call.path.split("/"), self.path.split("/")
        if call.method != self.method or len(segments) != len(pattern):
            return None
        found = {}
        for segment, part in zip(segments, pattern, strict=True):
            if part.startswith("{"):
                name, _, kind = part[1:-1].partition(":")
                if kind == "digits" and not segment.isdecimal():
                    return None
                found[name] = unquote(segment)
            elif segment != part:
                return None
        return found

    def __repr__(self) -> str:
        return f"<Route {self.method} {self.path}>"


class Routes:
    """The bridge of one connection: its routes, of which the first match counts, and its memory."""

    def __init__(self, routes: Iterable[Route], refusal: Refusal) -> None:
        self.routes = tuple(routes)
        self._refusal = refusal
        self._memory = Memory()

    def __call__(self, call: Call[Any]) -> Generator[Step, Any, Reply]:
        """Carry out a call of the old API over API v3."""
        for route in self.routes:
            names = route.match(call)
            if names is not None:
                break
        else:
            return self._refuse(call, 404, f"There is no {call.method} {call.path} in API v3.")
        try:
            result = yield from _readable(route.plan(self._memory, call, **names))
        except Refused as refused:
            return self._refuse(call, refused.status, refused.message, refused.data)
        except Inexpressible as lacking:
            return self._refuse(call, 501, str(lacking))
        except (CoprConnectionException, CoprUnknownResponseException):
            raise
        except CoprException as refused:
            if refused.status is None:
                raise
            reply = answer(refused.status, self._refusal(str(refused), {}), refused.url or call.path)
            reply.response = refused.result.__response__
            return reply
        return result if isinstance(result, Reply) else answer(200, result, call.path)

    def _refuse(
        self, call: Call[Any], status: int, message: str | None, data: Mapping[str, Any] | None = None
    ) -> Reply:
        return answer(status, self._refusal(message, data or {}), call.path)


def _readable(plan: Flow[Any]) -> Generator[Step, Any, Any]:
    """Raise CoprUnknownResponseException if a plan cannot use a response of API v3."""
    last: tuple[Call[Any], Reply] | None = None

    def noted(call: Call[Any]) -> Generator[Step, Any, Reply]:
        nonlocal last
        reply: Reply = yield call
        last = call, reply
        return reply

    try:
        return (yield from with_calls(plan, noted))
    except (AttributeError, KeyError, TypeError, ValueError) as unusable:
        if last is None:
            raise
        why = f"this or an earlier response is not what API v3 sends ({type(unusable).__name__}: {unusable})"
        raise misread(*last, why) from unusable


def if_shown(flow: Flow[Any]) -> Plan[Any]:
    """Carry out a part of a plan; return None if the service does not have the data or does not show it."""
    try:
        return (yield from flow)
    except CoprException as hidden:
        if hidden.status not in (403, 404):
            raise
        return None


def answer(status: int, document: Any, url: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a reply as an old service would have sent it; without a body if the document is None."""
    body = b"" if document is None else json.dumps(document).encode()
    return Reply(status, "", url, {"Content-Type": "application/json", **(headers or {})}, body)
