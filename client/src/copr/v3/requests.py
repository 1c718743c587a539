"""What programs take from here: the methods' names, the user agent, and reading a response of one's own.

Rules: `USER_AGENT` may be set at run time; it is read each time a call is sent. No call goes through
`Request`; it is for programs that ask the API for what no proxy offers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .._calls import listing, record
from .._errors import failure
from .._typing import TYPE_CHECKING, Any
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

#: How the client introduces itself; programs put their own name here.
USER_AGENT = f"copr python-copr/{__version__}"


class Request:
    """One request of the API, below `api_base_url`; sent at most `connection_attempts` times if it is a
    GET."""

    def __init__(self, api_base_url: str | None = None, connection_attempts: int = 1) -> None:
        self.api_base_url = api_base_url
        self.connection_attempts = connection_attempts

    def endpoint_url(self, endpoint: str, params: Mapping[str, Any] | None = None) -> str:
        """The address of an endpoint, its {names} replaced by `params`."""
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

        `data`: the JSON body; `params`: for the endpoint's {names} and the query; `auth`: as BaseProxy.auth.

        Returns the response. Raises CoprConnectionException or CoprTimeoutException where there is none, what
        `handle_errors` raises, and CoprAuthException where `auth` cannot be had.
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
        return Call(method, path, query=params, json=data, decode=_as_it_came)


class FileRequest(Request):
    """A request with files: `files` maps the names of parts to (file name, file, content type), the file by
    its path or opened in binary mode."""

    def __init__(
        self,
        files: Mapping[str, tuple[str, Any, str]] | None = None,
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
            decode=_as_it_came,
        )


def _part(field: str, name: str, file: Any, content_type: str) -> FilePart:
    from .._calls import opened_file
    from .._wire import FilePart

    if hasattr(file, "read"):
        return opened_file(field, file, name, content_type)
    return FilePart(field, file, name, content_type)


def munchify(response: Response) -> Any:
    """Read a response of the API, as the proxies do.

    Returns a list of records for a page, else a record. Raises what `handle_errors` raises, and
    CoprUnknownResponseException for a body that is not the API's.
    """
    import json

    reply = _reply(response)
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        body = None
    is_page = isinstance(body, dict) and isinstance(body.get("items"), list)
    read = listing if is_page else record
    return read(_asked(response, read), reply)


def handle_errors(response: Response) -> None:
    """Raise the exception of a response that is no success: the class says which, the text is the
    service's."""
    if not 200 <= response.status_code < 300:
        raise failure(_asked(response, record), _reply(response))


def _as_it_came(call: Call[Any], reply: Reply) -> Reply:
    return reply


def _asked(response: Response, read: Callable[[Call[Any], Reply], Any]) -> Call[Any]:
    from urllib.parse import parse_qs

    request = getattr(response, "request", None)
    address, _, query = (getattr(request, "url", None) or response.url or "/").partition("?")
    return Call(getattr(request, "method", None) or GET, address, query=parse_qs(query), decode=read)


def _reply(response: Response) -> Reply:
    return Reply(
        response.status_code,
        response.reason or "",
        response.url or "",
        response.headers,
        response.content,
        response,
    )
