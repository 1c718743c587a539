"""The blocking transport: it sends a call and returns its reply, over one `requests.Session`.

Rules: proxies and certificates of the environment are read once, `~/.netrc` never. No cookie is kept. Nothing
is repeated here. Requests are not prepared by `requests`: a call already has what that would work out. A
request and its response keep no credentials. Every failure is a CoprException that says whether the request
surely did not arrive (`unsent`), and whether another attempt is useless (`hopeless`).
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.cookies import RequestsCookieJar
from requests.exceptions import InvalidHeader
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError, NewConnectionError, ProxyError

from . import _replaced
from ._adapter import Adapter
from ._block_size import BlockSize
from ._deadlines import Deadlines
from ._errors import CoprException, too_slow, unreachable, url_of, what_to_check
from ._handover import Handover, UsedSocket
from ._policy import Policy
from ._private_attributes import has_body, set_body, set_cookies
from ._upload import Upload, document
from ._wire import Call, Reply, Sink

#: Connections that are kept open, enough for as many threads.
POOL_SIZE = 64

#: Bytes to read at once of a body: at least, and at most if its length is known. The memory for a whole
#: block is allocated before the block arrives. The C library gives blocks of more than 32 MiB back to the
#: system as soon as they are freed.
BODY_BLOCK = 1024 * 1024
LARGEST_BLOCK = 33 * BODY_BLOCK


class RequestsTransport:
    """Sends calls to the API at `base_url` (with its trailing slash).

    `headers` makes the headers that identify the user; `policy` has the timeouts.
    """

    def __init__(
        self, base_url: str, headers: Callable[[Call[Any]], Mapping[str, str]], policy: Policy
    ) -> None:
        self._base_url = base_url
        self._headers = headers
        self._policy = policy
        self._deadlines = Deadlines(policy.read)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._no_cookies = RequestsCookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._adapter = adapter = Adapter(
            self._deadlines.time_pools_of, pool_connections=4, pool_maxsize=POOL_SIZE
        )
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)
        self._proxies = get_environ_proxies(base_url)

    def __call__(self, call: Call[Any], handover: Handover | None = None) -> Reply:
        """Send a call once, and return its reply with any status.

        `handover`: an exchange in which the call was sent before; here it only ends.

        Raise CoprConnectionException if the service cannot be reached or the response was lost,
        CoprTimeoutException if it took longer than the policy allows, CoprValidationException if a file
        cannot be read.
        """
        request, upload = self._prepare(call, self._headers(call) if handover is None else handover.identity)
        connect, read, limit = self._policy.connect, self._policy.read, call.limit
        if limit is not None:
            connect, read = min(connect, max(limit, 0.001)), min(read, max(limit, 0.001))
        exchange = self._deadlines.of_answer(self._policy.answer, limit, handover)
        try:
            with exchange:
                if handover is None and _replaced.requests_is_replaced():
                    response = self._send_with_what_is_there(call, upload, (connect, read))
                else:
                    response = self._session.send(
                        request,
                        timeout=(connect, read),
                        proxies=(
                            self._proxies if call.path.startswith("/") else get_environ_proxies(call.path)
                        ),
                        allow_redirects=call.follows,
                        stream=True,
                    )
                if _replaced.is_foreign(response):
                    return _replaced.foreign_reply(call, response)
                if call.into is not None and response.status_code in (200, 206):
                    exchange.await_file()
                    _receive(response, call.into)
                    blocks = [b""]
                else:
                    blocks = _read(response)
            if exchange.expired:
                raise requests.ReadTimeout("the response took too long", request=request)
        except (requests.RequestException, HTTPError, OSError, ValueError) as lost:
            _forget_credentials(request)
            if upload is not None and upload.failure is not None:
                raise upload.failure from upload.failure.__cause__
            late = exchange.expired or isinstance(lost, requests.ReadTimeout)
            error = self._lost(call, lost, (exchange.seconds if exchange.expired else read) if late else None)
            error.unsent |= exchange.unsent or (upload is not None and not upload.sent)
            raise error from lost
        finally:
            if upload is not None:
                upload.close()
        for each in response.history:
            _forget_credentials(each.request)
        _forget_credentials(response.request)
        return Reply(
            response.status_code,
            response.reason or "",
            response.url or request.url or "",
            response.headers,
            blocks,
            response,
        )

    def response_of(self, call: Call[Any], identity: Mapping[str, str], head: bytes, body: bytes) -> Any:
        """Return the response of `requests` for an exchange that has ended: its header and its body."""
        request, _ = self._prepare(call, identity)
        connection = HTTPConnection("localhost")  # only its name: nothing is sent
        connection.sock = UsedSocket(None, [head, body], None, 0)
        connection.request(call.method, request.path_url, headers=request.headers, preload_content=False)
        raw = connection.getresponse()
        response = self._adapter.build_response(request, raw)
        set_body(response, body)
        raw.close()
        _forget_credentials(request)
        return response

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._session.close()

    def _send_with_what_is_there(
        self, call: Call[Any], upload: Upload | None, timeout: tuple[float, float]
    ) -> requests.Response:
        """Send a call with what a program put in the place of functions of `requests`."""
        headers = dict(self._headers(call))
        data: Any = call.form
        if upload is not None:
            data = upload.as_file()
            headers["Content-Type"] = upload.headers["Content-Type"]
        url = url_of(call, self._base_url).partition("?")[0]
        response: requests.Response = _replaced.send(call, url, headers, data, timeout)
        return response

    def _prepare(
        self, call: Call[Any], identity: Mapping[str, str]
    ) -> tuple[requests.PreparedRequest, Upload | None]:
        request = requests.PreparedRequest()
        request.method = call.method
        request.url = url_of(call, self._base_url)
        headers = CaseInsensitiveDict(identity)
        headers["Accept"] = "*/*"
        headers["Accept-Encoding"] = "gzip, deflate"
        if call.into is not None:
            headers.update(call.into.request_headers())
        request.headers = headers
        request.hooks = requests.hooks.default_hooks()
        set_cookies(request, self._no_cookies)
        upload = None
        if call.files is not None:
            upload = Upload(call)
            headers.update(upload.headers)
            request.body = upload  # type: ignore[assignment]  # any iterable may be sent
        elif (body := document(call)) is not None:
            request.body, headers["Content-Type"] = body
            headers["Content-Length"] = str(len(request.body))
        elif call.method != "GET":
            headers["Content-Length"] = "0"
        return request, upload

    def _lost(self, call: Call[Any], lost: Exception, seconds: float | None) -> CoprException:
        """Return the exception for a call without a reply; `seconds`: the timeout, if it was one."""
        reasons = list(_reasons(lost))
        error: CoprException = (
            unreachable(call, self._base_url, _why(reasons))
            if seconds is None
            else too_slow(call, self._base_url, seconds)
        )
        error.unsent = any(isinstance(reason, NewConnectionError) for reason in reasons)
        is_of_response = isinstance(lost, InvalidHeader)  # such as two different lengths
        is_invalid = isinstance(lost, (requests.TooManyRedirects, ValueError)) and not is_of_response
        error.hopeless = is_invalid or any(
            isinstance(reason, ssl.SSLCertVerificationError) for reason in reasons
        )
        return error


def _read(response: requests.Response) -> list[bytes]:
    """Read a body as `requests` does, but in as few blocks as possible, without copying them.

    Return the blocks. Several are not joined for the response of `requests`, whose body is then empty.
    """
    if has_body(response):
        return [response.content]  # a test has made the response, with its body
    length = getattr(response.raw, "length_remaining", None) or 0
    size = min(max(length, BODY_BLOCK), LARGEST_BLOCK)
    blocks = list(response.iter_content(size)) or [b""]
    if size < LARGEST_BLOCK or len(blocks) == 1:
        blocks = [b"".join(blocks)]
    set_body(response, blocks[0] if len(blocks) == 1 else b"")
    return blocks


def _receive(response: requests.Response, sink: Sink) -> None:
    """Write the body of a successful response into a file."""
    try:
        sink.begin(response.status_code, response.headers)
        block_size = BlockSize()
        while block := response.raw.read(block_size.next(), decode_content=False):
            sink.write(block)
    finally:
        sink.end()
        response.close()
    set_body(response, b"")


def _forget_credentials(request: requests.PreparedRequest | None) -> None:
    if request is None:
        return  # a test has made the response, without a request
    request.headers.pop("Authorization", None)
    request.headers.pop("Cookie", None)


def _reasons(lost: BaseException) -> Iterator[BaseException]:
    """Yield an exception and its causes, outermost first."""
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
    """Return the innermost reason of a lost connection, and what to check."""
    innermost = reasons[-1]
    text = (getattr(innermost, "strerror", None) or str(innermost) or type(innermost).__name__).rstrip(".")
    check = what_to_check(
        certificate=isinstance(innermost, ssl.SSLError),
        proxy=any(isinstance(reason, ProxyError) for reason in reasons),
    )
    return f"{text}. {check}"
