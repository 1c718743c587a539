"""Functions of `requests` that a program has put others in the place of, as its tests do.

Rules: what is in their place is called, with the arguments that the released client passes. So a mock that is
meant for that client is never bypassed, and a test sends nothing. `Session.send`, adapters and connections
need nothing here: the transport uses them.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

import requests
from requests import api, sessions

from ._errors import misread
from ._wire import Call, Reply


class ForeignReply(Reply):
    """The reply of an object in place of a response; `document` is the result of its `json()`."""

    __slots__ = ("document",)

    document: Any


def requests_is_replaced() -> bool:
    """Return True if functions that the released client sends requests with are not those of `requests`."""
    return not (
        _is_from(requests.request, api.get)
        and _is_from(api.request, api.get)
        and _is_from(sessions.Session.request, sessions.merge_setting)
        and requests_of_settings() is requests
    )


def requests_of_settings() -> Any:
    """Return what a program put in the place of the name `requests` in `copr.v3.requests`, or `requests`."""
    import sys

    settings = sys.modules.get("copr.v3.requests")
    return requests if settings is None else vars(settings).get("requests", requests)


def send(
    call: Call[Any], url: str, headers: Mapping[str, str], data: Any, timeout: tuple[float, float]
) -> Any:
    """Send a call with `requests.request`, or with what is in its place, and return the response.

    `url` has no query. `data`: the body, if it is not JSON. `timeout`: seconds to connect and to read, for a
    function that wraps the one of `requests`, as monitoring does; a mock would not expect it.
    """
    remaining = dict(headers)
    login, cookies = remaining.pop("Authorization", None), remaining.pop("Cookie", None)
    arguments: dict[str, Any] = {
        "url": url,
        "json": call.json if data is None else None,
        "method": call.method,
        "params": call.query or None,
        "headers": remaining,
    }
    if data is not None:
        arguments["data"] = data
    if login is not None or cookies is not None:
        arguments["auth"] = _pair(login)
        pairs = (each.split("=", 1) for each in (cookies or "").split("; ") if each)
        arguments["cookies"] = dict(pairs) or None
    if call.into is not None:
        arguments["stream"] = True
    if any(
        hasattr(each, "__wrapped__") for each in (requests.request, api.request, sessions.Session.request)
    ):
        arguments["timeout"] = timeout
    function = requests_of_settings().request
    if function is requests.request and not _is_from(api.request, api.get):
        function = api.request
    return function(**arguments)


def is_foreign(response: Any) -> bool:
    """Return True if an object is not a response of `requests`, but something in its place."""
    return not issubclass(type(response), requests.Response)  # a mock can pretend to be an instance


def foreign_reply(call: Call[Any], response: Any) -> ForeignReply:
    """Return the reply of an object that is in the place of a response."""
    try:
        document = response.json()
    except ValueError as cause:
        raise misread(call, _reply(response, None), "its body is not JSON") from cause
    return _reply(response, document)


def _reply(response: Any, document: Any) -> ForeignReply:
    status, url, headers = (getattr(response, name, None) for name in ("status_code", "url", "headers"))
    if not isinstance(status, int):
        status = 200
    if isinstance(document, dict) and "error" in document and 200 <= status < 300:
        status = 500  # for the released client, any response with an error is one
    reply = ForeignReply(
        status,
        "",
        url if isinstance(url, str) else "",
        headers if isinstance(headers, Mapping) else {},
        json.dumps(document, default=str).encode() if isinstance(document, dict) else b"{}",
        response,
    )
    reply.document = document
    return reply


def _is_from(function: Any, sibling: Any) -> bool:
    """Return True if a function is from the same file as its sibling: a copy or wrapper of it is not."""
    code = getattr(function, "__code__", None)
    return code is not None and code.co_filename == sibling.__code__.co_filename


def _pair(login: str | None) -> tuple[str, ...] | None:
    """Return the user and password of a header Authorization."""
    return None if login is None else tuple(b64decode(login.split(" ", 1)[1]).decode().split(":", 1))
