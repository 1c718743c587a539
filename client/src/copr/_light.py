"""The light transport: it sends a call without `requests`, whose import takes longer than the call.

Rules: nobody can tell it from `requests`, except by the clock.

- It works only as long as the program has loaded no HTTP library. So nothing of one can be replaced, be
  patched or write a log.
- It sends the bytes that `requests` would send. It does without proxies, files and unusual URLs.
- It takes a plain response only: 200, whole, not encoded, with its length. In any other case, such as
  another status, a timeout or a lost connection, `requests` gets the connection with all that was read from
  it (`_handover`), and decides. If no connection could be made, `requests` tries by itself.
- `__response__` is made by `requests` too, when somebody asks for it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from ._errors import url_of
from ._exchange import Exchange, Service
from ._plain import place_of, request_bytes
from ._policy import Policy
from ._typing import Any
from ._wire import Call, LateReply, Reply

#: Modules that can send requests. If one is loaded, a program can have replaced parts of it.
_LIBRARIES = ("requests", "urllib3", "http.client")


class LightTransport:
    """Sends calls to the API at `base_url` (with its trailing slash), by itself or by `requests`.

    `headers` makes the headers that identify the user; `policy` has the timeouts.
    """

    def __init__(
        self, base_url: str, headers: Callable[[Call[Any]], Mapping[str, str]], policy: Policy
    ) -> None:
        self._base_url = base_url
        self._headers = headers
        self._policy = policy
        self._by_requests: Any = None
        place = place_of(base_url)
        self._service = None if place is None else Service(place)

    def __call__(self, call: Call[Any]) -> Reply:
        """Send a call once, and return its reply with any status; see `RequestsTransport`."""
        service = self._service
        if service is None or not is_possible():
            return self._by_requests_alone(call)
        url = url_of(call, self._base_url)
        identity = self._headers(call)
        request = request_bytes(call, url, service.place, identity)
        if request is None:
            return self._by_requests_alone(call)
        exchange = Exchange(self._policy, None if call.limit is None else max(call.limit, 0.001))
        if not exchange.carry_out(service, request):
            return self._handed_over(call, identity, exchange)
        head = exchange.header.head
        return LateReply(
            url, exchange.blocks, lambda body: self._requests().response_of(call, identity, head, body)
        )

    def close(self) -> None:
        """Close all connections that are not in use."""
        for each in (self._service, self._by_requests):
            if each is not None:
                each.close()

    def _by_requests_alone(self, call: Call[Any]) -> Reply:
        reply: Reply = self._requests()(call)
        return reply

    def _requests(self) -> Any:
        """Return the transport that uses `requests`."""
        if self._by_requests is None:
            if self._service is not None:
                self._service.close()
            self._by_requests = self._make_by_requests()
        return self._by_requests

    def _make_by_requests(self) -> Any:
        from ._requests import RequestsTransport

        return RequestsTransport(self._base_url, self._headers, self._policy)

    def _handed_over(self, call: Call[Any], identity: Mapping[str, str], exchange: Exchange) -> Reply:
        """Let `requests` end an exchange, over a transport without any other connection."""
        from ._handover import Handover

        transport = self._make_by_requests()
        try:
            reply: Reply = transport(call, Handover(identity, exchange))
        finally:
            if self._by_requests is None:
                self._by_requests = transport
            else:
                transport.close()
        return reply


def is_possible() -> bool:
    """Return True if the program has loaded no HTTP library, and does not want to see the log of one."""
    modules = sys.modules
    for name in _LIBRARIES:
        if name in modules:
            return False
    logging = modules.get("logging")
    return logging is None or not logging.getLogger("urllib3.connectionpool").isEnabledFor(logging.DEBUG)
