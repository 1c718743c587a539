"""What the client of API v2 raises, the answers it hands out, and requests of one's own.

Rules: the errors are part of the one tree (`_errors`): what a handler raises is a RequestError and also the
class that the tree has for it. Requests go the way of all calls; there is no other HTTP here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._calls import opened_file
from .._config import ConfigDict
from .._errors import (
    CoprAuthException,
    CoprConnectionException,
    CoprException,
    CoprRequestException,
    CoprSubmissionUnknown,
    CoprTimeoutException,
    misread,
)
from .._typing import Any
from .._wire import Call, Reply
from ..util import UnicodeMixin

__all__ = [
    "AuthError",
    "MultiPartTuple",
    "NetClient",
    "NetworkError",
    "RequestError",
    "ResponseWrapper",
    "SubmissionUnknown",
    "answered",
    "request_error",
]

#: What the released client says where login is needed and there are no credentials.
NO_CREDENTIALS = "Credentionals for BasicAuth not set, request aborted"


class ResponseWrapper:
    """An answer: `json` is its document, or None; `response` what came over the line."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.json: Any = _document(getattr(response, "body", b"") or getattr(response, "content", b""))

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        status = getattr(self.response, "status", None)
        return int(self.response.status_code if status is None else status)

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers."""
        headers: Mapping[str, str] = self.response.headers
        return headers


class RequestError(CoprRequestException, UnicodeMixin):
    """A request did not succeed.

    `msg`: in a few words what happened; `url`: what was asked; `request_kwargs`: with what, without
    credentials; `response`: the answer as a ResponseWrapper, or None where there was none; `request_body`:
    what was sent, where that is not in `request_kwargs`.
    """

    def __init__(
        self,
        msg: str,
        url: str,
        request_kwargs: Mapping[str, Any] | None = None,
        response: ResponseWrapper | None = None,
        request_body: Any = None,
    ) -> None:
        super().__init__(msg, response)
        self.msg = msg
        self.url = url
        self.request_kwargs = dict(request_kwargs or {})
        self.response = response
        self.request_body = request_body
        self.status = None if response is None else response.status_code
        self._explanation: str | None = None

    @property
    def response_json(self) -> Any:
        """The document of the answer, None where it has none. Raises ValueError where there is no answer."""
        if self.response is None:
            raise ValueError("No response")
        return self.response.json

    def __str__(self) -> str:
        text = f"Error occurred while accessing {self.url}: {self.msg}\n"
        if self.response is not None:
            text += f"code {self.response.status_code}: {self._explanation or _said(self.response)}\n"
        return text

    def __reduce__(self) -> Any:
        # A response holds sockets; what was asked and what came back travel as text.
        return CoprRequestException, (str(self),), {"url": self.url, "status": self.status}


class NetworkError(RequestError, CoprConnectionException):
    """The service was not reached, or its answer was lost; `requests_error` says why."""

    def __init__(self, url: str, request_kwargs: Mapping[str, Any] | None, requests_error: Exception) -> None:
        super().__init__(str(requests_error), url, request_kwargs)
        self.requests_error = requests_error


class SubmissionUnknown(NetworkError, CoprSubmissionUnknown):
    """It is not known whether a submission was carried out; `candidates` may be what came of it."""


class AuthError(RequestError, CoprAuthException):
    """No credentials, ones that do not count (401), or not allowed (403)."""

    def __init__(
        self, url: str, request_kwargs: Mapping[str, Any] | None, response: ResponseWrapper | None
    ) -> None:
        super().__init__("Authorization failed", url, request_kwargs, response)


def answered(call: Call[Any], reply: Reply) -> ResponseWrapper:
    """Read an answer of API v2. Raises the RequestError of a failed one."""
    response = ResponseWrapper(reply)
    if 200 <= reply.status < 300:
        if response.json is None and reply.status == 200:
            raise misread(call, reply, "its body is not JSON")
        return response
    if reply.status in (401, 403):
        raise AuthError(call.path, _sent(call), response)
    raise RequestError("Request error", call.path, _sent(call), response)


def request_error(failed: CoprException, call: Call[Any], address: str) -> RequestError:
    """What a failed call raises; `address`: the service's, without a slash at its end."""
    url, sent = address + call.path, _sent(call)
    error: RequestError
    if isinstance(failed, RequestError):
        error = failed
        error.url = url
    elif isinstance(failed, CoprSubmissionUnknown):
        error = SubmissionUnknown(url, sent, failed)
        error.candidates = failed.candidates
    elif isinstance(failed, (CoprConnectionException, CoprTimeoutException)):
        error = NetworkError(url, sent, failed)
    elif isinstance(failed, CoprAuthException):
        error = AuthError(url, sent, _response(failed))
        if error.response is None:
            error.msg = NO_CREDENTIALS
            error.add_note(str(failed))
    else:
        error = RequestError("Request error", url, sent, _response(failed))
        if error.response is None:
            error.msg = str(failed)
    error.method = call.method
    if error is not failed:
        error.status = failed.status
        error._explanation = str(failed)
        for note in getattr(failed, "__notes__", ()):
            error.add_note(note)
    return error


class MultiPartTuple(tuple[Any, ...]):
    """A part of a multipart body: its key, its file's name, its content, its content type."""

    __slots__ = ()

    def __new__(cls, key: str, name: str | None, obj: Any, content_type: str) -> MultiPartTuple:
        """Make a part."""
        return super().__new__(cls, (key, name, obj, content_type))

    @property
    def key(self) -> str:
        """The part's name."""
        return str(self[0])

    @property
    def name(self) -> str | None:
        """The file's name, or None where the part is no file."""
        name: str | None = self[1]
        return name

    @property
    def obj(self) -> Any:
        """A text, or what a file can be read from."""
        return self[2]

    @property
    def content_type(self) -> str:
        """The content's type."""
        return str(self[3])


class NetClient:
    """Who asks, a login and its token (the parameter `password`, the attribute `token`), or nobody; and
    requests of one's own."""

    def __init__(self, login: str | None = None, password: str | None = None) -> None:
        self.login = login
        self.token = password

    def get(self, url: str, query_params: Mapping[str, Any] | None = None) -> ResponseWrapper:
        """Ask for an address. Returns the answer; raises what `request` raises."""
        return self.request(url, query_params=query_params)

    def request(
        self,
        url: str,
        method: str | None = None,
        query_params: Mapping[str, Any] | None = None,
        data: str | None = None,
        do_auth: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> ResponseWrapper:
        """Send a request.

        `url`: a whole address; `method`: default GET; `data`: the body, JSON; `do_auth`: send login and
        token; `headers`: more of them.

        Returns the answer. Raises AuthError where login is lacking or refused, NetworkError where there is no
        answer, RequestError where it is no success, ValueError where `data` is not JSON.
        """
        import json

        body = None if data is None else json.loads(data)
        return self._send(url, method, headers, query=query_params, json=body, login=do_auth)

    def request_multipart(
        self,
        url: str,
        method: str | None = None,
        query_params: Mapping[str, Any] | None = None,
        data_parts: Iterable[MultiPartTuple] | None = None,
        do_auth: bool = False,
    ) -> ResponseWrapper:
        """Send a request with parts; a part with a name is a file. The rest is as in `request`."""
        parts = list(data_parts or ())
        form = {part.key: part.obj for part in parts if part.name is None}
        files = [
            opened_file(part.key, part.obj, part.name, part.content_type)
            for part in parts
            if part.name is not None
        ]
        return self._send(
            url, method or "POST", None, query=query_params, form=form, files=files, login=do_auth
        )

    def config(self, address: str) -> ConfigDict:
        """The configuration of a client that asks a service as this one."""
        config = ConfigDict({"copr_url": address, "login": self.login, "token": self.token})
        config.origins.update(dict.fromkeys(config, "The client"))
        return config

    def _send(
        self,
        url: str,
        method: str | None,
        headers: Mapping[str, str] | None,
        query: Mapping[str, Any] | None,
        **rest: Any,
    ) -> ResponseWrapper:
        from urllib.parse import parse_qsl, urlsplit

        from .._drive import drive
        from .._policy import Policy, persist
        from .._requests import RequestsTransport
        from ..v3.auth import auth_from_config
        from ..v3.requests import USER_AGENT

        parts = urlsplit(url)
        address = f"{parts.scheme}://{parts.netloc}"

        def all_headers(call: Call[Any]) -> dict[str, str]:
            login = auth_from_config(self.config(address)).headers() if call.login else {}
            return {"User-Agent": USER_AGENT, **(headers or {}), **login}

        policy = Policy()
        query = {**dict(parse_qsl(parts.query)), **(query or {})}
        call = Call(method or "GET", parts.path or "/", query=query, decode=answered, **rest)
        try:
            return drive(persist(call, policy), RequestsTransport(f"{address}/", all_headers, policy))
        except CoprException as failed:
            raise request_error(failed, call, address) from failed


def _response(failed: CoprException) -> ResponseWrapper | None:
    response = failed.result.__response__
    return None if response is None else ResponseWrapper(response)


def _document(body: bytes) -> Any:
    import json

    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _said(response: ResponseWrapper) -> str:
    """What a failed answer says of the reason."""
    if isinstance(response.json, dict) and response.json.get("message"):
        return str(response.json["message"])
    from http import HTTPStatus

    reason = getattr(response.response, "reason", "") or HTTPStatus(response.status_code).phrase
    return f"{reason} (not an answer of the API)" if response.json is None else str(reason)


def _sent(call: Call[Any]) -> dict[str, Any]:
    """What a call was sent with, as `request_kwargs` shows it."""
    import json

    sent: dict[str, Any] = {}
    if call.query:
        sent["params"] = dict(call.query)
    if call.json is not None:
        sent["data"] = json.dumps(call.json)
    elif call.form is not None:
        sent["data"] = dict(call.form)
    return sent
