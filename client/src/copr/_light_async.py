"""The light async transport: it sends a call without aiohttp, whose import takes longer than the call.

Rules: those of `_light`, with aiohttp in the place of `requests`. It works only as long as the program has
not loaded aiohttp, and takes a plain response only. In any other case aiohttp gets the connection with all
that was read from it (`_handover_async`), and decides.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from ._async_common import running_loop
from ._errors import url_of
from ._exchange_async import Exchange, Service
from ._plain import Header, fields, place_of, request_bytes
from ._policy import Policy
from ._wire import Call, Reply

#: aiohttp warns of larger bodies in one piece.
_LARGEST_REQUEST = 1024 * 1024


class AsyncLightTransport:
    """Sends calls to the API at `base_url` (with its trailing slash), by itself or by aiohttp.

    `headers` makes the headers that identify the user; `policy` has the timeouts.
    """

    def __init__(
        self, base_url: str, headers: Callable[[Call[Any]], Mapping[str, str]], policy: Policy
    ) -> None:
        self._base_url = base_url
        self._headers = headers
        self._policy = policy
        self._place = place_of(base_url)
        self._service: Service | None = None
        self._by_aiohttp: Any = None

    async def __call__(self, call: Call[Any]) -> Reply:
        """Send a call once, and return its reply with any status; see `AiohttpTransport`."""
        service = self._service_of_this_loop()
        if service is None or not is_possible():
            return await self._by_aiohttp_alone(call)
        url = url_of(call, self._base_url)
        identity = self._headers(call)
        request = request_bytes(call, url, service.place, identity)
        if request is None or len(request) > _LARGEST_REQUEST:
            return await self._by_aiohttp_alone(call)
        exchange = Exchange(self._policy, None if call.limit is None else max(call.limit, 0.001))
        if not await exchange.carry_out(service, request):
            return await self._handed_over(call, identity, exchange)
        return PlainReply(url, exchange.header, exchange.blocks)

    async def close(self) -> None:
        """Close all connections."""
        for each in (self._service, self._by_aiohttp):
            if each is not None:
                await each.close()

    def _service_of_this_loop(self) -> Service | None:
        if self._place is None:
            return None
        loop = running_loop(None if self._service is None else self._service.loop)
        if self._service is None or self._service.loop is not loop:
            self._service = Service(self._place, loop)
        return self._service

    async def _by_aiohttp_alone(self, call: Call[Any]) -> Reply:
        if self._by_aiohttp is None:
            if self._service is not None:
                await self._service.close()
            self._by_aiohttp = self._make_by_aiohttp()
        reply: Reply = await self._by_aiohttp(call)
        return reply

    def _make_by_aiohttp(self) -> Any:
        from ._aiohttp import AiohttpTransport

        return AiohttpTransport(self._base_url, self._headers, self._policy)

    async def _handed_over(self, call: Call[Any], identity: Mapping[str, str], exchange: Exchange) -> Reply:
        """Let aiohttp end an exchange, over a transport without any other connection."""
        from ._handover_async import Handover

        transport = self._make_by_aiohttp()
        handover = Handover(identity, exchange)
        try:
            reply: Reply = await transport(call, handover)
        finally:
            handover.close()
            if self._by_aiohttp is None:
                self._by_aiohttp = transport
            else:
                await transport.close()
        return reply


class PlainReply(Reply):
    """A plain response, whose header is read when somebody asks for it."""

    __slots__ = ("_header", "_read")

    def __init__(self, url: str, header: Header, blocks: list[bytes]) -> None:
        self.status = 200
        self.url = url
        self.response = None
        self._blocks = blocks or [b""]
        self._header = header
        self._read: Any = None

    @property
    def headers(self) -> Any:  # type: ignore[override]  # it cannot be set
        """The headers, as aiohttp has them."""
        if self._read is None:
            from multidict import CIMultiDict, CIMultiDictProxy

            self._read = CIMultiDictProxy(CIMultiDict(fields(self._header.head)))
        return self._read

    @property
    def reason(self) -> str:  # type: ignore[override]  # it cannot be set
        """The reason."""
        status, _, _ = self._header.head.partition(b"\r\n")
        return status.split(b" ", 2)[2].strip().decode()


def is_possible() -> bool:
    """Return True if the program has not loaded aiohttp: if it has, it can have replaced parts of it."""
    return "aiohttp" not in sys.modules
