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

import os
import re
import sys
from collections.abc import Callable, Mapping

from ._errors import url_of
from ._exchange import Exchange, Service
from ._policy import Policy
from ._typing import Any
from ._wire import Call, LateReply, Reply

#: Modules that can send requests. If one is loaded, a program can have replaced parts of it.
_LIBRARIES = ("requests", "urllib3", "http.client")

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")

#: The URLs, targets and values of headers that `requests` sends as they are.
_BASE = re.compile(r"((https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::([1-9][0-9]{0,4}))?)/.*")
_TARGET = re.compile(r"/(?:[A-Za-z0-9!$&'()*+,;=:@/?._~-]|%[0-9A-F]{2})*(?<![?])")
_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?")


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
        self._service = None if _has_proxies() else _service_at(base_url)

    def __call__(self, call: Call[Any]) -> Reply:
        """Send a call once, and return its reply with any status; see `RequestsTransport`."""
        service = self._service
        if service is None or call.files is not None or call.into is not None or not is_possible():
            return self._by_requests_alone(call)
        url = url_of(call, self._base_url)
        identity = self._headers(call)
        target = url[len(service.origin) :]
        if not (
            call.path.startswith("/") and _TARGET.fullmatch(target) and all(map(_is_plain, identity.values()))
        ):
            return self._by_requests_alone(call)
        exchange = Exchange(self._policy, None if call.limit is None else max(call.limit, 0.001))
        if not exchange.carry_out(service, _request(call, target, service.host, identity)):
            return self._handed_over(call, identity, exchange)
        head = exchange.head
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


def _has_proxies() -> bool:
    return any(os.environ.get(name) or os.environ.get(name.upper()) for name in _PROXIES)


def _service_at(base_url: str) -> Service | None:
    found = _BASE.fullmatch(base_url)
    if (
        found is None or int(found[4] or 0) > 65535 or sys.platform != "linux"
    ):  # other systems have settings for proxies
        return None
    origin, scheme, name, port = found.groups()
    return Service(origin, scheme, name, int(port) if port else None)


def _is_plain(value: object) -> bool:
    return isinstance(value, str) and _VALUE.fullmatch(value) is not None


def _request(call: Call[Any], target: str, host: str, identity: Mapping[str, str]) -> bytes:
    """Return the bytes of a request."""
    headers = {"Host": host, **identity, "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}
    body = b""
    if call.json is not None or call.form is not None:
        from ._upload import document

        body, headers["Content-Type"] = document(call) or (b"", "")
        headers["Content-Length"] = str(len(body))
    elif call.method != "GET":
        headers["Content-Length"] = "0"
    lines = "\r\n".join([f"{name}: {value}" for name, value in headers.items()])
    return f"{call.method} {target} HTTP/1.1\r\n{lines}\r\n\r\n".encode() + body
