"""The blocking transport: a call goes in, its reply comes out, over one `requests.Session`.

Rules: the environment's proxies and certificates are read once, `~/.netrc` never; no cookie is kept; nothing
is repeated here. Requests are prepared by hand, for a call already holds what `requests` would work out. A
response keeps no credentials. Every failure on the way is a CoprConnectionException or CoprTimeoutException.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies

from ._errors import CoprConnectionException, CoprException, CoprTimeoutException, CoprValidationException
from ._multipart import MultipartReader
from ._wire import Call, Reply

#: Seconds to connect (and to send one block), and to wait for the next bytes of an answer.
TIMEOUTS = (20.0, 120.0)

POOL_SIZE = 64
SMALLEST_BLOCK, LARGEST_BLOCK = 32 * 1024, 1024 * 1024


class RequestsTransport:
    """Sends calls below `base_url` (with its last slash); `headers` tells a call's own headers."""

    def __init__(self, base_url: str, headers: Callable[[Call[Any]], Mapping[str, str]]) -> None:
        self._base_url = base_url
        self._headers = headers
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=POOL_SIZE)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._proxies = get_environ_proxies(base_url)
        self._verify = _certificates()

    def __call__(self, call: Call[Any]) -> Reply:
        """Send a call once.

        Returns the reply, whatever its status. Raises CoprConnectionException where the service was not
        reached or the answer was lost, CoprTimeoutException where it took longer than TIMEOUTS,
        CoprValidationException where a file cannot be read.
        """
        request = self._prepare(call)
        try:
            response = self._session.send(
                request,
                timeout=TIMEOUTS,
                proxies=self._proxies,
                verify=self._verify,
                allow_redirects=call.method == "GET",
            )
        except (requests.RequestException, OSError) as lost:
            raise self._lost(call, request, lost) from lost
        finally:
            request.headers.pop("Authorization", None)
            close = getattr(request.body, "close", None)
            if close is not None:
                close()
        for each in response.history:
            each.request.headers.pop("Authorization", None)
        response.request.headers.pop("Authorization", None)
        return Reply(
            response.status_code,
            response.reason or "",
            response.url,
            response.headers,
            response.content,
            response,
        )

    def _prepare(self, call: Call[Any]) -> requests.PreparedRequest:
        request = requests.PreparedRequest()
        request.method = call.method
        request.url = self._base_url + call.target()[1:]
        headers = CaseInsensitiveDict(self._headers(call))
        headers["Accept"] = "*/*"
        headers["Accept-Encoding"] = "gzip, deflate"
        request.headers = headers
        request.hooks = requests.hooks.default_hooks()
        request._cookies = RequestsCookieJar()  # type: ignore[attr-defined]  # sessions take it from here
        document = None if call.json is None else json.dumps(call.json).encode()
        if call.files:
            body = self._open(call, document)
            headers["Content-Type"] = body.content_type
            headers["Content-Length"] = str(body.len)
            request.body = _blocks(body, call.progress)  # type: ignore[assignment]  # any iterable may be sent
        elif document is not None:
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(document))
            request.body = document
        elif call.method != "GET":
            headers["Content-Length"] = "0"
        return request

    def _open(self, call: Call[Any], document: bytes | None) -> MultipartReader:
        try:
            return MultipartReader(call.files, document)
        except OSError as cause:
            raise CoprValidationException(
                f"The file {cause.filename} cannot be sent: {cause.strerror}."
            ) from cause

    def _lost(self, call: Call[Any], request: requests.PreparedRequest, lost: Exception) -> CoprException:
        """The exception for a call without a reply."""
        if isinstance(lost, requests.ReadTimeout):
            error: CoprException = CoprTimeoutException(
                f"{call.method} {request.url} was not answered within {TIMEOUTS[1]:.0f} seconds. "
                "The service may still carry it out; look before you ask again."
            )
        else:
            error = CoprConnectionException(f"Unable to connect to {self._base_url}. {_why(lost)}")
        error.method = call.method
        error.url = request.url
        error.add_note(f"asked: {call.method} {request.url}")
        return error


def _blocks(body: MultipartReader, progress: Callable[[Any], object] | None) -> Iterator[bytes]:
    """A body in blocks that grow as long as the connection takes them quickly.

    A block is sent under one timeout: a slow link must get small ones, a fast one is limited by their number.
    """
    source: Any = body
    if progress is not None:
        from requests_toolbelt import MultipartEncoderMonitor

        source = MultipartEncoderMonitor(body, progress)
    size = SMALLEST_BLOCK
    try:
        while block := source.read(size):
            sent_from = time.monotonic()
            yield block
            took = time.monotonic() - sent_from
            if took < 0.25:
                size = min(size * 2, LARGEST_BLOCK)
            elif took > 1:
                size = max(size // 2, SMALLEST_BLOCK)
    finally:
        body.close()


def _why(lost: Exception) -> str:
    """The innermost reason of a lost connection, and what to look at."""
    reason: BaseException = lost
    seen = {id(reason)}
    while (inner := getattr(reason, "reason", None) or reason.__cause__ or reason.__context__) is not None:
        if not isinstance(inner, BaseException) or id(inner) in seen:
            break
        seen.add(id(inner))
        reason = inner
    text = (getattr(reason, "strerror", None) or str(reason) or type(reason).__name__).rstrip(".")
    if isinstance(lost, requests.exceptions.SSLError):
        return f"{text}. Check the certificate (REQUESTS_CA_BUNDLE names the authorities to trust)."
    return f"{text}. Check copr_url, and that the service is running."


def _certificates() -> bool | str:
    """The authorities to trust: the environment's, as `requests` names them, or the default."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
