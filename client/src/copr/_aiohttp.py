"""The async transport: it sends a call and returns its reply, over one `aiohttp.ClientSession`.

Rules: those of the blocking transport. Its connections belong to the event loop that they were made in. After
that loop has ended, it makes new ones in the next.
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from ._async_common import running_loop, trust
from ._errors import CoprException, too_slow, unreachable, url_of, what_to_check
from ._handover_async import Handover
from ._policy import Policy
from ._private_attributes import adopting, never_repeat
from ._upload import Upload, document
from ._wire import Call, Reply, Sink

#: The most connections that are open at the same time.
POOL_SIZE = 64

#: Seconds after which the service may have closed a connection that was not used.
IDLE = 1.0

#: Exceptions that are raised before a request is sent.
_CONNECTING = (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError, aiohttp.ConnectionTimeoutError)

_INVALID_URL = (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)


class AiohttpTransport:
    """Sends calls to the API at `base_url` (with its trailing slash).

    `headers` makes the headers that identify the user; `policy` has the timeouts.
    """

    def __init__(
        self, base_url: str, headers: Callable[[Call[Any]], Mapping[str, str]], policy: Policy
    ) -> None:
        self._base_url = base_url
        self._headers = headers
        self._policy = policy
        self._proxy = _proxy_for(base_url)
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._last_used = 0.0

    async def __call__(self, call: Call[Any], handover: Handover | None = None) -> Reply:
        """Send a call once, and return its reply with any status.

        `handover`: an exchange in which the call was sent before; here it only ends.

        Raise CoprConnectionException if the service cannot be reached or the response was lost,
        CoprTimeoutException if it took longer than the policy allows, CoprValidationException if a file
        cannot be read.
        """
        identity = self._headers(call) if handover is None else handover.identity
        headers = {**identity, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
        if call.into is not None:
            headers.update(call.into.request_headers())
        upload = None if call.files is None else Upload(call)
        patience = _Patience(self._policy, call, handover)
        body: Any = None
        if upload is not None:
            headers.update(upload.headers)
            body = _blocks(upload, patience)
        elif (whole := document(call)) is not None:
            body, headers["Content-Type"] = whole
        try:
            async with patience.limit:
                return await self._exchange(call, headers, body, patience, handover)
        except (aiohttp.ClientError, TimeoutError, OSError) as lost:
            if upload is not None and upload.failure is not None:
                raise upload.failure from upload.failure.__cause__
            raise self._lost(call, upload, patience, lost) from lost
        finally:
            if upload is not None:
                upload.close()

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def _exchange(
        self,
        call: Call[Any],
        headers: Mapping[str, str],
        body: Any,
        patience: _Patience,
        handover: Handover | None,
    ) -> Reply:
        session = await self._session_of_this_loop()
        if handover is not None:
            adopting(session.connector, handover.adopt)
        if not call.repeatable or time.monotonic() - self._last_used > IDLE:
            await _notice_closed_connections()
        patience.connects()
        async with session.request(
            call.method,
            URL(url_of(call, self._base_url), encoded=True),
            headers=headers,
            data=body,
            **(self._proxy if call.path.startswith("/") else _proxy_for(call.path)),
            timeout=patience.timeout,
            allow_redirects=call.follows,
            skip_auto_headers=("Content-Type",),
        ) as response:
            if call.into is not None and response.status in (200, 206):
                patience.awaits_file()
                content = await _receive(response, call.into)
            else:
                content = await response.read()
        self._last_used = time.monotonic()
        return Reply(response.status, response.reason or "", str(response.url), response.headers, content)

    async def _session_of_this_loop(self) -> aiohttp.ClientSession:
        loop = running_loop(None if self._session is None else self._loop)
        if self._session is not None and self._loop is not loop:
            await self._session.close()
        if self._session is None or self._session.closed:
            self._session, self._loop = self._make_session(), loop
        return self._session

    def _make_session(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=POOL_SIZE, limit_per_host=POOL_SIZE, ssl=trust())
        session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        never_repeat(session)
        return session

    def _lost(
        self, call: Call[Any], upload: Upload | None, patience: _Patience, lost: Exception
    ) -> CoprException:
        """Return the exception for a call without a reply."""
        connecting = isinstance(lost, _CONNECTING)
        error: CoprException
        if isinstance(lost, TimeoutError) and not connecting:
            error = too_slow(call, self._base_url, patience.ran_out())
        else:
            error = unreachable(call, self._base_url, _why(lost))
        error.unsent = connecting or (upload is not None and not upload.sent)
        error.hopeless = isinstance(
            lost,
            (aiohttp.ClientConnectorCertificateError, aiohttp.TooManyRedirects, *_INVALID_URL),
        )
        return error


class _Patience:
    """The timeouts of one call.

    aiohttp has those for connecting and for silence. The one for the whole moves on with the call, up to the
    call's limit.
    """

    def __init__(self, policy: Policy, call: Call[Any], handover: Handover | None) -> None:
        most = float("inf") if call.limit is None else max(call.limit, 0.001)
        self._connect, self._read = min(policy.connect, most), min(policy.read, most)
        self._answer = policy.answer
        self._most = most
        self._began = asyncio.get_running_loop().time() if handover is None else handover.began
        self._ends = self._began + most
        self._allowed = most
        left = (self._connect, self._read)
        if handover is not None:
            left = handover.left_of(*left)
        self.timeout = aiohttp.ClientTimeout(
            total=None,
            sock_connect=left[0],
            # The service is silent while it receives a file.
            sock_read=left[1] if call.files is None else None,
        )
        self.limit = asyncio.timeout(None)

    def connects(self) -> None:
        """Set the timeout for connecting, sending the request and waiting for the response."""
        self._allow(self._answer, since=self._began + self._connect)

    def sends_a_block(self) -> None:
        """Set the timeout for one block of the body."""
        self._allow(self._read)

    def awaits_answer(self) -> None:
        """Set the timeout for the response."""
        self._allow(self._answer)

    def awaits_file(self) -> None:
        """Remove the timeout: a file may take any time within the limit."""
        self._allow(float("inf"))

    def ran_out(self) -> float:
        """Return the seconds of the timeout that ran out."""
        return self._allowed if self.limit.expired() else self._read

    def _allow(self, seconds: float, since: float | None = None) -> None:
        until = min((asyncio.get_running_loop().time() if since is None else since) + seconds, self._ends)
        self._allowed = min(seconds, self._most)
        self.limit.reschedule(None if until == float("inf") else until)


async def _notice_closed_connections() -> None:
    """Let the event loop read what has arrived, such as the end of a connection.

    After the program has blocked the loop, a connection that the service closed meanwhile still seems usable.
    A request that is sent there may be lost. The loop reads in its next round, and TLS and aiohttp need one
    more each.
    """
    for _ in range(4):
        await asyncio.sleep(0)


def _proxy_for(url: str) -> dict[str, Any]:
    """Return the proxy of the environment for a URL, as parameters of a request.

    Its credentials are separate, because errors show the URL.
    """
    parts = urlsplit(url)
    proxy = None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)
    if proxy is None:
        return {}
    url_of_proxy = URL(proxy)
    if url_of_proxy.user is None:
        return {"proxy": url_of_proxy}
    pair = f"{url_of_proxy.user}:{url_of_proxy.password or ''}"
    login = base64.b64encode(pair.encode()).decode()
    # aiohttp turns it into Proxy-Authorization, for tunnels and for forwarded requests.
    return {"proxy": url_of_proxy.with_user(None), "proxy_headers": {"Authorization": f"Basic {login}"}}


async def _blocks(upload: Upload, patience: _Patience) -> AsyncIterator[bytes]:
    while block := await asyncio.to_thread(upload.next_block):
        patience.sends_a_block()
        yield block
    patience.awaits_answer()


async def _receive(response: aiohttp.ClientResponse, sink: Sink) -> bytes:
    """Write the body of a successful response into a file."""
    try:
        sink.begin(response.status, response.headers)
        async for block in response.content.iter_any():
            sink.write(block)
    finally:
        sink.end()
    return b""


def _why(lost: BaseException) -> str:
    """Return the reason of a lost connection, and what to check."""
    text = (getattr(lost, "strerror", None) or str(lost) or type(lost).__name__).rstrip(".")
    if isinstance(lost, aiohttp.TooManyRedirects):
        text = f"Gave up after {len(lost.history)} redirects"
    elif isinstance(lost, _INVALID_URL):
        text = f"This is not a valid URL: {text}"
    elif isinstance(lost, aiohttp.ClientHttpProxyError):
        text = f"The proxy answered {lost.status} {lost.message}"
    elif isinstance(lost, OSError) and lost.errno and text.startswith("Connect call failed"):
        text = os.strerror(lost.errno)  # asyncio has a text of its own
    check = what_to_check(
        certificate=isinstance(lost, aiohttp.ClientSSLError),
        proxy=isinstance(lost, (aiohttp.ClientHttpProxyError, aiohttp.ClientProxyConnectionError)),
    )
    return f"{text}. {check}"
