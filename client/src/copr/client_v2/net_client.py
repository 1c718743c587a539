"""The exceptions and responses of client v2, and a way to send other requests.

Rules: the exceptions are part of the one tree (`_errors`): each is a RequestError, and also the class that
the tree has for the error. Requests use the same transport as all calls.
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
from .._typing import Any, evaluable
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

#: The text of the released client if a call needs login and there are no credentials.
NO_CREDENTIALS = "Credentionals for BasicAuth not set, request aborted"


class ResponseWrapper:
    """A response.

    `json` is its document, or None if the body is not JSON.

    :param response: the response of the transport.
    """

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
        """The headers of the response."""
        headers: Mapping[str, str] = self.response.headers
        return headers


class RequestError(CoprRequestException, UnicodeMixin):
    """A request did not succeed.

    :param msg: what happened, in a few words.
    :param url: URL of the request.
    :param request_kwargs: query and body of the request, without credentials.
    :param response: the response, or None if there was none.
    :param request_body: the body of the request, if it is not in `request_kwargs`.
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
        """The document of the response, or None if it has none.

        :raises ValueError: there was no response.
        """
        if self.response is None:
            raise ValueError("No response")
        return self.response.json

    def __str__(self) -> str:
        text = f"Error occurred while accessing {self.url}: {self.msg}\n"
        if self.response is not None:
            text += f"code {self.response.status_code}: {self._explanation or _reason(self.response)}\n"
        return text

    def __reduce__(self) -> Any:
        # A response has sockets, which cannot be pickled; the request and the response are kept as text.
        return CoprRequestException, (str(self),), {"url": self.url, "status": self.status}


class NetworkError(RequestError, CoprConnectionException):
    """The service could not be reached, or its response was lost.

    :param url: URL of the request.
    :param request_kwargs: query and body of the request, without credentials.
    :param requests_error: the reason.
    """

    def __init__(self, url: str, request_kwargs: Mapping[str, Any] | None, requests_error: Exception) -> None:
        super().__init__(str(requests_error), url, request_kwargs)
        self.requests_error = requests_error


class SubmissionUnknown(NetworkError, CoprSubmissionUnknown):
    """The response to a submission was lost.

    `candidates` are the builds or projects that the submission may have created.
    """


class AuthError(RequestError, CoprAuthException):
    """There are no credentials, the service does not accept them (401), or the user has no permission (403).

    :param url: URL of the request.
    :param request_kwargs: query and body of the request, without credentials.
    :param response: the response, or None if there was none.
    """

    def __init__(
        self, url: str, request_kwargs: Mapping[str, Any] | None, response: ResponseWrapper | None
    ) -> None:
        super().__init__("Authorization failed", url, request_kwargs, response)


def answered(call: Call[Any], reply: Reply) -> ResponseWrapper:
    """Return the response of a successful call of API v2.

    :param call: the call.
    :param reply: the response to it.
    :returns: the response.
    :raises AuthError: the service does not accept the credentials (401), or the user has no permission (403).
    :raises RequestError: the service reports another error.
    :raises CoprUnknownResponseException: the body is not JSON.
    """
    response = ResponseWrapper(reply)
    if 200 <= reply.status < 300:
        if response.json is None and reply.status == 200:
            raise misread(call, reply, "its body is not JSON")
        return response
    if reply.status in (401, 403):
        raise AuthError(call.path, _sent(call), response)
    raise RequestError("Request error", call.path, _sent(call), response)


def request_error(failed: CoprException, call: Call[Any], address: str) -> RequestError:
    """Return the RequestError for an exception.

    :param failed: the exception.
    :param call: the call that raised it.
    :param address: URL of the service, without a slash at the end.
    :returns: the error, which has the exception's notes.
    """
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
    """A part of a multipart body: its name, its file name, its content and its content type."""

    __slots__ = ()

    def __new__(cls, key: str, name: str | None, obj: Any, content_type: str) -> MultiPartTuple:
        """Make a part."""
        return super().__new__(cls, (key, name, obj, content_type))

    @property
    def key(self) -> str:
        """The name of the part."""
        return str(self[0])

    @property
    def name(self) -> str | None:
        """The file name, or None if the part is not a file."""
        name: str | None = self[1]
        return name

    @property
    def obj(self) -> Any:
        """The content: a text, or a file that is open in binary mode."""
        return self[2]

    @property
    def content_type(self) -> str:
        """The content type (MIME type)."""
        return str(self[3])


class NetClient:
    """A login and token, or none; and methods that send any request.

    :param login: login of the API token.
    :param password: the API token. The attribute is called `token`.
    """

    def __init__(self, login: str | None = None, password: str | None = None) -> None:
        self.login = login
        self.token = password

    def get(self, url: str, query_params: Mapping[str, Any] | None = None) -> ResponseWrapper:
        """Send a GET request without login.

        :param url: the whole URL.
        :param query_params: arguments of the query.
        :returns: the response.
        :raises RequestError: the service reports an error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        """
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

        :param url: the whole URL.
        :param method: HTTP method. Default: GET.
        :param query_params: arguments of the query.
        :param data: the body, JSON text.
        :param do_auth: send the login and token.
        :param headers: other headers.
        :returns: the response.
        :raises ValueError: `data` is not JSON.
        :raises AuthError: there are no credentials, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the service reports an error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
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
        """Send a request with a multipart body.

        :param url: the whole URL.
        :param method: HTTP method. Default: POST.
        :param query_params: arguments of the query.
        :param data_parts: the parts. A part with a name is a file.
        :param do_auth: send the login and token.
        :returns: the response.
        :raises AuthError: there are no credentials, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the service reports an error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        """
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
        """Return the configuration of a client with this login and token.

        :param address: URL of the service.
        :returns: the configuration.
        """
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
        """Send a request and return the response."""
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
    """Return the response of an exception, or None if it has none."""
    response = failed.result.__response__
    return None if response is None else ResponseWrapper(response)


def _document(body: bytes) -> Any:
    """Return the JSON document of a body, or None if it is not JSON."""
    import json

    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _reason(response: ResponseWrapper) -> str:
    """Return the reason in the response to a failed request."""
    if isinstance(response.json, dict) and response.json.get("message"):
        return str(response.json["message"])
    from http import HTTPStatus

    reason = getattr(response.response, "reason", "") or HTTPStatus(response.status_code).phrase
    return f"{reason} (the response is not from the API)" if response.json is None else str(reason)


def _sent(call: Call[Any]) -> dict[str, Any]:
    """Return the query and the body of a call, as `request_kwargs` has them."""
    import json

    sent: dict[str, Any] = {}
    if call.query:
        sent["params"] = dict(call.query)
    if call.json is not None:
        sent["data"] = json.dumps(call.json)
    elif call.form is not None:
        sent["data"] = dict(call.form)
    return sent


evaluable(__name__)
