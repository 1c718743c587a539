"""The adapter that `requests` uses for one transport: it works out once what is the same for all calls.

Rules: one TLS context for all connections, made with the first encrypted one, because loading the certificate
authorities takes longer than a call. The pool of the service is looked up once, and again if a URL is
elsewhere. Everything else is the usual adapter.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context


class Adapter(HTTPAdapter):
    """An adapter with one TLS context, which trusts the certificate authorities of the environment.

    `prepare`: called with each manager of connection pools before it is used; `pool`: as for `HTTPAdapter`.
    """

    def __init__(self, prepare: Callable[[Any], None], **pool: Any) -> None:
        self._prepare = prepare
        self._authorities = (
            os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or DEFAULT_CA_BUNDLE_PATH
        )
        self._context: ssl.SSLContext | None = None
        self._making = threading.Lock()
        self._last: tuple[str, Any] = ("", None)
        super().__init__(**pool)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the manager of pools."""
        super().init_poolmanager(*args, **kwargs)
        self._prepare(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the manager of pools for a proxy."""
        if proxy.lower().startswith("https:"):
            kwargs["proxy_ssl_context"] = self._trust()
        manager = super().proxy_manager_for(proxy, **kwargs)
        self._prepare(manager)
        return manager

    def get_connection_with_tls_context(
        self, request: Any, verify: Any, proxies: Any = None, cert: Any = None
    ) -> Any:
        """Return the pool for a request."""
        origin, pool = self._last
        if pool is None or pool.pool is None or not request.url.startswith(origin):
            pool = super().get_connection_with_tls_context(request, verify, proxies, cert)
            self._last = (request.url[: request.url.index("/", 8) + 1], pool)
        return pool

    def build_connection_pool_key_attributes(self, request: Any, verify: Any, cert: Any = None) -> Any:
        """Return what identifies a pool: the host, and how it encrypts."""
        host, encryption = super().build_connection_pool_key_attributes(request, True, cert)
        if host["scheme"] == "https":
            encryption["ssl_context"] = self._trust()
        return host, encryption

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Do nothing: the context has the authorities, and a pool requires a certificate by itself."""

    def request_url(self, request: Any, proxies: Any) -> str:
        """Return the URL for a request's first line."""
        return super().request_url(request, proxies) if proxies else request.path_url

    def _trust(self) -> ssl.SSLContext:
        with self._making:
            if self._context is None:
                if not os.path.exists(self._authorities):
                    raise OSError(f"there are no certificates at {self._authorities}")
                context = create_urllib3_context()
                is_folder = os.path.isdir(self._authorities)
                context.load_verify_locations(**{"capath" if is_folder else "cafile": self._authorities})
                self._context = context
            return self._context
