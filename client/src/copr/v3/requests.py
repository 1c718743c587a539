"""Requests of your own: for endpoints that no proxy has, and for reading their responses.

Rules: `USER_AGENT` can be changed at run time; it is read for each request. The proxies use `Request` only if
a program has replaced it, or its `send`, as tests do; see `_request_mocks`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from .._calls import listing, record
from .._errors import failure
from .._late import released_names
from .._typing import TYPE_CHECKING, Any, evaluable
from .._version import __version__
from .._wire import Call, Reply

if TYPE_CHECKING:
    from requests import Response

    from .._wire import FilePart

__all__ = [
    "DELETE",
    "GET",
    "POST",
    "PUT",
    "USER_AGENT",
    "FileRequest",
    "Request",
    "handle_errors",
    "munchify",
]

GET = "GET"
POST = "POST"
PUT = "PUT"
DELETE = "DELETE"

#: The header User-Agent of all requests; programs can set their own.
USER_AGENT = f"copr python-copr/{__version__}"


class Request:
    """A request to the API.

    :param api_base_url: URL of the API, such as `client.base_proxy.api_base_url`.
    :param connection_attempts: largest number of times that a GET request is sent.
    """

    def __init__(self, api_base_url: str | None = None, connection_attempts: int = 1) -> None:
        self.api_base_url = api_base_url
        self.connection_attempts = connection_attempts

    def endpoint_url(self, endpoint: str, params: Mapping[str, Any] | None = None) -> str:
        """Return the URL of an endpoint.

        :param endpoint: path below the URL of the API; it may have {names} to be filled in.
        :param params: values for the {names}.
        :returns: the URL, without a query.
        :raises KeyError: `params` lacks one of the {names}.
        """
        base = (self.api_base_url or "").rstrip("/")
        return f"{base}/{endpoint.strip('/').format(**(params or {}))}"

    def send(
        self,
        endpoint: str,
        method: str = GET,
        data: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Any = None,
    ) -> Response:
        """Send the request.

        :param endpoint: path below the URL of the API; it may have {names} to be filled in.
        :param method: HTTP method.
        :param data: the body, sent as JSON.
        :param params: values for the {names}, and the query.
        :param headers: further headers.
        :param auth: credentials, such as `client.base_proxy.auth`. Default: no login.
        :returns: the response of `requests`.
        :raises CoprAuthException: there are no credentials, or the service does not accept them.
        :raises CoprNoResultException: the requested object does not exist (404).
        :raises CoprRequestException: the service reports another error.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        """
        from .._drive import drive
        from .._policy import Policy, persist
        from .._requests import RequestsTransport

        def all_headers(call: Call[Any]) -> dict[str, str]:
            return {"User-Agent": USER_AGENT, **(headers or {}), **(auth.headers() if auth else {})}

        if auth is not None:
            auth.make()
        policy = Policy(attempts=self.connection_attempts)
        base = f"{(self.api_base_url or '').rstrip('/')}/"
        path = self.endpoint_url(endpoint, params)[len(base) - 1 :]
        call = self._call(method.upper(), path, data, params)
        if auth is not None:
            call = call.with_login()
        reply: Reply = drive(persist(call, policy), RequestsTransport(base, all_headers, policy))
        handle_errors(reply.response)
        response: Response = reply.response
        return response

    def _call(
        self, method: str, path: str, data: Mapping[str, Any] | None, params: Mapping[str, Any] | None
    ) -> Call[Any]:
        return Call(method, path, query=params, json=data, decode=_unread)


class FileRequest(Request):
    """A request with files.

    :param files: the parts by name; each is a tuple (file name, file, content type). The file is a
        path, or a file opened in binary mode.
    :param progress_callback: called with a monitor (`bytes_read`, `len`) while the files are sent.
    :param kwargs: as for `Request`.
    """

    def __init__(
        self,
        files: Mapping[str, tuple[str | None, Any, str]] | None = None,
        progress_callback: Callable[[Any], object] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.files = files
        self.progress_callback = progress_callback

    def _call(
        self, method: str, path: str, data: Mapping[str, Any] | None, params: Mapping[str, Any] | None
    ) -> Call[Any]:
        parts = [_part(part, *file) for part, file in (self.files or {}).items()]
        return Call(
            method,
            path,
            query=params,
            json=data,
            files=parts,
            progress=self.progress_callback,
            decode=_unread,
        )


def _part(field: str, name: str | None, file: Any, content_type: str) -> FilePart:
    from .._calls import opened_file
    from .._wire import FilePart

    if hasattr(file, "read"):
        return opened_file(field, file, name, content_type)
    return FilePart(field, file, name, content_type)


def munchify(response: Response) -> Any:
    """Read a response of the API, as the proxies do.

    :param response: a response of `requests`.
    :returns: a list of records for a page, otherwise a record.
    :raises CoprNoResultException: the requested object does not exist (404).
    :raises CoprRequestException: the service reports another error.
    :raises CoprUnknownResponseException: the body is not what the API sends.
    """
    import json

    reply = _reply(response)
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        body = None
    is_page = isinstance(body, dict) and isinstance(body.get("items"), list)
    read = listing if is_page else record
    return read(_call_of(response, read), reply)


def handle_errors(response: Response) -> None:
    """Raise an exception if a response is an error.

    :param response: a response of `requests`.
    :raises CoprAuthException: the service does not accept the credentials, or the user may not do this.
    :raises CoprNoResultException: the requested object does not exist (404).
    :raises CoprTimeoutException: the service timed out.
    :raises CoprRequestException: the service reports another error.
    """
    reply = _reply(response)
    if not 200 <= reply.status < 300:
        raise failure(_call_of(response, record), reply)


#: The classes and their method, as they are before a test replaces them.
_Request, _FileRequest, _send = Request, FileRequest, Request.send


def _is_replaced(request: Any) -> bool:
    """Return True if a program has replaced the request of a proxy, the class `Request`, or its `send`."""
    return (
        _Request.send is not _send
        or FileRequest.send is not _send
        or _class_in_use() is not _Request
        or _file_class_in_use() is not _FileRequest
        or (request is not None and (type(request) is not _Request or "send" in vars(request)))
    )


def _replaced(proxy: Any) -> Any:
    """Return a function that carries calls of a proxy out by what is in the place of `Request`."""
    from ._request_mocks import RequestMock

    kind = _class_in_use()
    return RequestMock(proxy, proxy.request if kind is _Request else kind(api_base_url=proxy.api_base_url))


def _class_in_use() -> Any:
    """Return `Request`, or what a program put in its place, here or in `copr.v3.proxies`."""
    return Request if Request is not _Request else sys.modules["copr.v3.proxies"].Request


def _file_class_in_use() -> Any:
    """Return `FileRequest`, or what a program put in its place in the modules that upload."""
    for name in ("build", "project_chroot"):
        kind = vars(sys.modules[f"copr.v3.proxies.{name}"]).get("FileRequest", _FileRequest)
        if kind is not _FileRequest:
            return kind
    return FileRequest


def _unread(call: Call[Any], reply: Reply) -> Reply:
    return reply


def _call_of(response: Response, read: Callable[[Call[Any], Reply], Any]) -> Call[Any]:
    from urllib.parse import parse_qs

    request = getattr(response, "request", None)
    url, _, query = str(getattr(request, "url", None) or getattr(response, "url", "") or "/").partition("?")
    method = getattr(request, "method", None)
    return Call(method if isinstance(method, str) else GET, url, query=parse_qs(query), decode=read)


def _reply(response: Response) -> Reply:
    from .._replaced import foreign_reply, is_foreign

    if is_foreign(response):  # a mock in place of a response
        return foreign_reply(_call_of(response, record), response)
    return Reply(
        response.status_code,
        response.reason or "",
        response.url or "",
        response.headers,
        response.content,
        response,
    )


evaluable(__name__, Request, FileRequest, munchify, handle_errors)

__getattr__ = released_names(__name__)
