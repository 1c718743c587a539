"""Calls that are carried out by what a program put in the place of `Request`, as its tests do.

Rules: `send` gets the arguments that the released client passes, by name. Nothing is retried and nothing is
searched for: each error of `send` goes to the caller as it is.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .._errors import CoprException
from .._replaced import foreign_reply, is_foreign
from .._wire import Call, Reply
from . import requests as settings


class RequestMock:
    """Carries calls out with what is in the place of the request of a proxy."""

    def __init__(self, proxy: Any, request: Any) -> None:
        self._proxy = proxy
        self._request = request

    def __call__(self, call: Call[Any]) -> Reply:
        """Carry a call out."""
        arguments: dict[str, Any] = {"endpoint": endpoint_of(call)}
        if call.method != settings.GET:
            arguments["method"] = call.method
        if call.query:
            arguments["params"] = dict(call.query)
        if call.json is not None:
            arguments["data"] = call.json
        if call.login:
            arguments["auth"] = self._proxy.auth
        try:
            response = self._request_for(call).send(**arguments)
        except CoprException as error:
            error.hopeless = True
            raise
        if is_foreign(response):
            return foreign_reply(call, response)
        return Reply(
            response.status_code,
            response.reason or "",
            response.url or "",
            response.headers,
            response.content,
            response,
        )

    def _request_for(self, call: Call[Any]) -> Any:
        """Return the object whose `send` is called. The released client makes one for each upload."""
        if call.files is None or type(self._request) is not settings.Request or "send" in vars(self._request):
            return self._request
        files = {part.field: (part.filename, part.path, part.content_type) for part in call.files}
        return settings._file_class_in_use()(
            files=files, progress_callback=call.progress, api_base_url=self._proxy.api_base_url
        )


def endpoint_of(call: Call[Any]) -> str:
    """Return the endpoint of a call as the released client writes it, with {names} for parts of the path."""
    segments = call.path.split("/")
    place = len(segments) - 1
    for name, value in reversed(call.query.items()):
        if place > 1 and segments[place] == quote(str(value), safe="!$&'()*+,;=:@"):
            segments[place] = f"{{{name}}}"
            place -= 1
    slash = "/" if "/permissions/" in call.path else ""  # as it writes these endpoints
    return "/".join(segments) + slash
