"""The TLS context of the light transport: it is the one that `requests` and urllib3 make."""

from __future__ import annotations

import os
import select
import ssl
import sys

#: The event to wait for, by the exception that says that an operation would block.
AWAITED: dict[type[OSError], int] = {
    ssl.SSLWantReadError: select.POLLIN,
    ssl.SSLWantWriteError: select.POLLOUT,
}


def trusting(authorities: str | None) -> ssl.SSLContext:
    """Return a context that trusts the authorities of a file or folder; default: those of certifi.

    Raise OSError if there are none.
    """
    if authorities is None:
        import certifi

        authorities = certifi.where()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_TICKET | ssl.OP_NO_SSLv2 | ssl.OP_NO_SSLv3
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    context.post_handshake_auth = True
    context.hostname_checks_common_name = False
    if log := os.path.expandvars(os.environ.get("SSLKEYLOGFILE", "")):
        context.keylog_filename = log
    is_folder = os.path.isdir(authorities)
    context.load_verify_locations(**{"capath" if is_folder else "cafile": authorities})
    context.set_alpn_protocols(["http/1.1"])
    return context
