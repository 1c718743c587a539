"""A bridge as a table: which call of an old API is carried out by which plan over API v3.

Rules: pure. A plan is given the call and the names in its path, unquoted; it yields calls of API v3 and
returns the document that the old API would have answered with, or a whole Reply. What API v3 refuses is
answered in the old API's shape, with API v3's text; what never came to an answer stays the loss that it is.
Plans take answers of API v3 as they are documented; one that lacks what a plan needs is an unknown response.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Mapping
from urllib.parse import unquote

from .._errors import CoprConnectionException, CoprException, CoprUnknownResponseException, misread
from .._policy import with_calls
from .._typing import Any
from .._wire import Call, Flow, Plan, Reply, Step


class Inexpressible(Exception):
    """A call that API v3 has no words for; the text names the way that API v3 has."""


class Route:
    """A row of a bridge's table.

    `method` and `path` (with {names} for its variable parts; {number} is digits) are the old call's; `plan`
    carries it out; `v3` names the methods of API v3's client that do the same, as the documentation shows
    them.
    """

    __slots__ = ("method", "path", "plan", "v3")

    def __init__(self, method: str, path: str, plan: Callable[..., Flow[Any]], v3: str) -> None:
        self.method = method
        self.path = path
        self.plan = plan
        self.v3 = v3

    def match(self, call: Call[Any]) -> dict[str, str] | None:
        """The variable parts of a call's path, unquoted, or None where the call is another one's."""
        there, here = call.path.split("/"), self.path.split("/")
        if call.method != self.method or len(there) != len(here):
            return None
        found = {}
        for segment, name in zip(there, here, strict=True):
            if name.startswith("{"):
                found[name[1:-1]] = unquote(segment)
                if name == "{number}" and not segment.isdecimal():
                    return None
            elif segment != name:
                return None
        return found

    def __repr__(self) -> str:
        return f"<Route {self.method} {self.path}>"


class Routes:
    """A bridge: a table of routes, the first that matches counts; `refusal` makes an error's document."""

    def __init__(self, routes: Iterable[Route], refusal: Callable[[str], Mapping[str, Any]]) -> None:
        self.routes = tuple(routes)
        self._refusal = refusal

    def __call__(self, call: Call[Any]) -> Generator[Step, Any, Reply]:
        """Answer a call of the old API."""
        for route in self.routes:
            names = route.match(call)
            if names is not None:
                break
        else:
            return answer(404, self._refusal(f"There is no {call.method} {call.path} in API v3."), call.path)
        try:
            result = yield from _readable(route.plan(call, **names))
        except Inexpressible as lacking:
            return answer(501, self._refusal(str(lacking)), call.path)
        except (CoprConnectionException, CoprUnknownResponseException):
            raise
        except CoprException as refused:
            if refused.status is None:
                raise
            reply = answer(refused.status, self._refusal(str(refused)), refused.url or call.path)
            reply.response = refused.result.__response__
            return reply
        return result if isinstance(result, Reply) else answer(200, result, call.path)


def _readable(plan: Flow[Any]) -> Generator[Step, Any, Any]:
    """A plan that fails with CoprUnknownResponseException where it cannot use what it was answered."""
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
        why = f"this or an answer before it is not what API v3 sends ({type(unusable).__name__}: {unusable})"
        raise misread(*last, why) from unusable


def if_told(flow: Flow[Any]) -> Plan[Any]:
    """What a service tells beside the thing itself, or None where it does not know it or keeps it back."""
    try:
        return (yield from flow)
    except CoprException as untold:
        if untold.status not in (403, 404):
            raise
        return None


def answer(status: int, document: Any, url: str, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply as an old service would have sent it; a document of None is no body."""
    body = b"" if document is None else json.dumps(document).encode()
    return Reply(status, "", url, {"Content-Type": "application/json", **(headers or {})}, body)
