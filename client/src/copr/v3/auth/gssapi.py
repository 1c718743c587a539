"""Login by Kerberos ticket (RFC 4559), which the service answers with a session; needs `copr[gssapi]`.

Rules: the session goes to the service that gave it and nowhere else, and never next to a token. It is kept
for the next run, in a file of mode 0600 under a lock.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..._config import Config
from ..._errors import CoprAuthException
from .base import BaseAuth

__all__ = ["Gssapi"]

#: Seconds that a session is used for; the service keeps it for longer.
SESSION_SECONDS = 12 * 3600


class Gssapi(BaseAuth):
    """A session of the Kerberos user."""

    renewable = True

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        self._url = Config(config).copr_url
        self.cookies: dict[str, str] = {}
        self.expiration = 0.0

    def make(self, reauth: bool = False) -> None:
        """Take the session that is kept, or get a new one; `reauth`: get a new one in any case.

        Raises CoprAuthException without a ticket, without the packages that `copr[gssapi]` installs, or where
        the service does not accept the ticket.
        """
        if not (reauth or self.expired):
            return
        try:
            from ._sessions import SessionFile
        except ImportError as cause:
            raise _not_installed() from cause
        kept = SessionFile(self._url)
        with kept.lock():
            session = kept.read()
            refused = reauth and session.get("cookie") == self.cookies.get("session")
            if not refused and self._use(session):
                return
            self.make_expensive()
            kept.write(
                {
                    "cookie": self.cookies.get("session"),
                    "username": self.username,
                    "expiration": self.expiration,
                }
            )

    def make_expensive(self) -> None:
        """Get a new session for the ticket. Raises CoprAuthException where that is not possible.

        Source: GET /gssapi_login
        """
        import requests

        try:
            from requests_gssapi import HTTPSPNEGOAuth
        except ImportError as cause:
            raise _not_installed() from cause
        address = f"{self._url}/api_3/gssapi_login/"
        try:
            response = requests.get(
                address,
                auth=HTTPSPNEGOAuth(opportunistic_auth=True),
                timeout=(20, 120),
                allow_redirects=False,
            )
            body = response.json()
            cookie, name = response.cookies["session"], body["name"]
        except Exception as cause:  # the library's own errors, a page instead of JSON, no cookie, no name
            raise CoprAuthException(
                f"Kerberos login at {address} did not succeed ({type(cause).__name__}: {cause}). "
                "Check the ticket with klist, or get one with kinit."
            ) from cause
        self._use({"cookie": cookie, "username": name, "expiration": time.time() + SESSION_SECONDS})

    def _use(self, session: Mapping[str, Any]) -> bool:
        """Whether a session can be used; then it is from now on."""
        cookie, expiration = session.get("cookie"), session.get("expiration")
        if (
            not isinstance(cookie, str)
            or not isinstance(expiration, (int, float))
            or expiration <= time.time()
        ):
            return False
        self.cookies = {"session": cookie}
        self.username, self.expiration = session.get("username"), expiration
        return True


def _not_installed() -> CoprAuthException:
    return CoprAuthException("Kerberos login needs the packages that `pip install copr[gssapi]` installs.")
