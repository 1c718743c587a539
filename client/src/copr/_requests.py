"""The blocking transport: a call goes in, its reply comes out, over one `requests.Session`.

Rules: the environment's proxies and certificates are read once, `~/.netrc` never; no cookie is kept; nothing
is repeated here. Requests are prepared by hand, for a call already holds what `requests` would work out. A
request and its response keep no credentials. Every failure on the way is a CoprException that says whether
the request surely did not arrive (`unsent`) and whether trying again is of no use (`hopeless`).
"""

from __future__ import annotations

import json
import os
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, NewConnectionError

from ._deadlines import Deadlines
from ._errors import CoprConnectionException, CoprException, CoprTimeoutException, CoprValidationException
from ._multipart import MultipartReader
from ._policy import Policy
from ._wire import Call, Reply

#: Connections that are kept open at once, enough for as many threads.
POOL_SIZE = 64

SMALLEST_BLOCK, LARGEST_BLOCK = 32 * 1024, 1024 * 1024


class RequestsTransport:
    """Sends calls below `base_url` (with its last slash); `headers` tells who asks; `policy` has the
    timeouts."""

    def __init__(
        self, base_url: str, headers: Callable[[Call[Any]], Mapping[str, str]], policy: Policy
    ) -> None:
        self._base_url = base_url
        self._headers = headers
        self._policy = policy
        self._deadlines = Deadlines()
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = self._deadlines.adapter(pool_connections=4, pool_maxsize=POOL_SIZE)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._proxies = get_environ_proxies(base_url)
        self._verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True

    def __call__(self, call: Call[Any]) -> Reply:
        """Send a call once.

        Returns the reply, whatever its status. Raises CoprConnectionException where the service was not
        reached or the answer was lost, CoprTimeoutException where it took longer than the policy allows,
        CoprValidationException where a file cannot be read.
        """
        request, blocks = self._prepare(call)
        policy, limit = self._policy, call.limit
        connect, read, answer = policy.connect, policy.read, policy.answer
        if limit is not None:
            connect, read, answer = (min(seconds, max(limit, 0.001)) for seconds in (connect, read, answer))
        watch = self._deadlines.of_answer(answer)
        try:
            with watch:
                response = self._session.send(
                    request,
                    timeout=(connect, read),
                    proxies=self._proxies,
                    verify=self._verify,
                    allow_redirects=call.method == "GET",
                )
            if watch.expired:
                raise requests.ReadTimeout("the answer was cut off", request=request)
        except (requests.RequestException, HTTPError, OSError) as lost:
            _forget_credentials(request)
            if blocks is not None and blocks.failure is not None:
                raise blocks.failure from None
            late = watch.expired or isinstance(lost, requests.ReadTimeout)
            seconds = answer if watch.expired else read
            raise (
                self._timeout(call, request, seconds) if late else self._lost(call, request, blocks, lost)
            ) from lost
        finally:
            if blocks is not None:
                blocks.close()
        for each in response.history:
            _forget_credentials(each.request)
        _forget_credentials(response.request)
        return Reply(
            response.status_code,
            response.reason or "",
            response.url,
            response.headers,
            response.content,
            response,
        )

    def _prepare(self, call: Call[Any]) -> tuple[requests.PreparedRequest, Blocks | None]:
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
        blocks = None
        if call.files is not None:
            blocks = Blocks(call, document)
            headers["Content-Type"] = blocks.body.content_type
            headers["Content-Length"] = str(blocks.body.len)
            request.body = blocks  # type: ignore[assignment]  # any iterable may be sent
        elif document is not None:
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(document))
            request.body = document
        elif call.method != "GET":
            headers["Content-Length"] = "0"
        return request, blocks

    def _timeout(self, call: Call[Any], request: requests.PreparedRequest, seconds: float) -> CoprException:
        text = f"{call.method} {request.url} was not answered within {seconds:g} seconds."
        if not call.repeatable:
            text += " The service may still carry it out; look before you ask again."
        return _described(CoprTimeoutException(text), call, request)

    def _lost(
        self, call: Call[Any], request: requests.PreparedRequest, blocks: Blocks | None, lost: Exception
    ) -> CoprException:
        """The exception for a call without a reply."""
        reasons = list(_reasons(lost))
        text = f"Unable to connect to {self._base_url}. {_why(reasons)}"
        error = _described(CoprConnectionException(text), call, request)
        before_sending = (
            requests.ConnectTimeout,
            requests.exceptions.SSLError,
            requests.exceptions.ProxyError,
        )
        error.unsent = (
            isinstance(lost, before_sending)
            or any(isinstance(reason, NewConnectionError) for reason in reasons)
            or (blocks is not None and not blocks.sent)
        )
        error.hopeless = isinstance(lost, (requests.TooManyRedirects, ValueError)) or any(
            isinstance(reason, ssl.SSLCertVerificationError) for reason in reasons
        )
        return error


class Blocks:
    """A multipart body as blocks that grow as long as the connection takes them quickly.

    A block is sent under one timeout, so a slow link must get small ones; on a fast one their number is what
    costs. `sent` is true once the last one was taken; `failure` is what a file or the progress callback
    raised.

    Raises CoprValidationException where a file cannot be looked at.
    """

    def __init__(self, call: Call[Any], document: bytes | None) -> None:
        try:
            self.body = MultipartReader(call.files or (), document)
        except OSError as cause:
            raise _unreadable(cause) from cause
        self.sent = False
        self.failure: Exception | None = None
        self._source: Any = self.body
        if call.progress is not None:
            from requests_toolbelt import MultipartEncoderMonitor

            self._source = MultipartEncoderMonitor(self.body, call.progress)

    def __iter__(self) -> Iterator[bytes]:
        size = SMALLEST_BLOCK
        while block := self._read(size):
            began = time.monotonic()
            yield block
            took = time.monotonic() - began
            if took < 0.25:
                size = min(size * 2, LARGEST_BLOCK)
            elif took > 1:
                size = max(size // 2, SMALLEST_BLOCK)
        self.sent = True

    def close(self) -> None:
        """Close what is open."""
        self.body.close()

    def _read(self, size: int) -> bytes:
        try:
            block: bytes = self._source.read(size)
        except OSError as cause:
            self.failure = _unreadable(cause)
            self.failure.__cause__ = cause
            raise
        return block


def _unreadable(cause: OSError) -> CoprValidationException:
    file = f"The file {cause.filename}" if cause.filename else "A file"
    return CoprValidationException(f"{file} cannot be sent: {cause.strerror or cause}.")


def _forget_credentials(request: requests.PreparedRequest) -> None:
    request.headers.pop("Authorization", None)
    request.headers.pop("Cookie", None)


def _described(error: CoprException, call: Call[Any], request: requests.PreparedRequest) -> CoprException:
    error.method = call.method
    error.url = request.url
    error.add_note(f"asked: {call.method} {request.url}")
    return error


def _reasons(lost: BaseException) -> Iterator[BaseException]:
    """An exception and what it came from, outermost first."""
    seen: set[int] = set()
    reason: Any = lost
    while isinstance(reason, BaseException) and id(reason) not in seen:
        seen.add(id(reason))
        yield reason
        wrapped = [argument for argument in reason.args if isinstance(argument, BaseException)]
        reason = (
            getattr(reason, "reason", None)
            or reason.__cause__
            or reason.__context__
            or next(iter(wrapped), None)
        )


def _why(reasons: list[BaseException]) -> str:
    """The innermost reason of a lost connection, and what to look at."""
    innermost = reasons[-1]
    text = (getattr(innermost, "strerror", None) or str(innermost) or type(innermost).__name__).rstrip(".")
    if isinstance(innermost, ssl.SSLError):
        return f"{text}. Check the certificate (REQUESTS_CA_BUNDLE names the authorities to trust)."
    return f"{text}. Check copr_url, and that the service is running."
