"""Login with a Kerberos ticket (RFC 4559). The service returns a session. Needs `copr[gssapi]`.

Rules: the session is sent only to the service that it is from, and never together with a token. It is stored
for the next run, in a file of mode 0600, under a lock.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ..._config import Config
from ..._errors import CoprAuthException
from ..._late import released_names
from ..._typing import evaluable
from .base import BaseAuth

__all__ = ["Gssapi"]

#: Seconds for which a session is used. The service accepts it for longer.
SESSION_SECONDS = 12 * 3600


class Gssapi(BaseAuth):
    """Login with a Kerberos ticket: a session of its user.

    :param config: the configuration, as `config_from_file` returns it.
    :raises CoprConfigException: the configuration has an invalid value.
    """

    renewable = True

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        # A mock of a configuration is not a Mapping; its values are not checked.
        self._url = Config(config).copr_url if isinstance(config, Mapping) else str(config["copr_url"])
        self.cookies: dict[str, str] = {}
        self.expiration = 0.0

    def make(self, reauth: bool = False) -> None:
        """Load the stored session, or log in and store the new one.

        :param reauth: the session in use was refused. Load or get another one.
        :raises CoprAuthException: there is no ticket, the service does not accept it, or the packages that
            `copr[gssapi]` installs are missing.
        :source: ``GET /gssapi_login``
        """
        if self.cache is not None:
            super().make(reauth)
            return
        if not (reauth or self.expired):
            return
        try:
            from ._sessions import SessionFile
        except ImportError as cause:
            raise _not_installed() from cause
        kept = SessionFile(self._url)
        with kept.lock():
            session = kept.read()
            # Another process may have renewed the session that was refused: then use that one.
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
        """Log in with the ticket and use the new session.

        :raises CoprAuthException: there is no ticket, the service does not accept it, or the packages that
            `copr[gssapi]` installs are missing.
        :source: ``GET /gssapi_login``
        """
        import requests

        try:
            from requests_gssapi import HTTPSPNEGOAuth
        except ImportError as cause:
            raise _not_installed() from cause
        url = f"{self._url}/api_3/gssapi_login/"
        try:
            response = requests.get(
                url,
                auth=HTTPSPNEGOAuth(opportunistic_auth=True),  # the ticket at once, without a 401 before
                timeout=(20, 120),  # seconds to connect, and between two received blocks
                allow_redirects=False,  # the ticket and the session are for this service only
            )
            body = response.json()
            cookie, name = response.cookies["session"], body["name"]
        except Exception as cause:  # the library's own errors, a page instead of JSON, no cookie, no name
            raise CoprAuthException(
                f"Kerberos login at {url} failed ({type(cause).__name__}: {cause}). "
                "Check the ticket with klist, or get one with kinit."
            ) from cause
        self._use({"cookie": cookie, "username": name, "expiration": time.time() + SESSION_SECONDS})

    def _use(self, session: Mapping[str, Any]) -> bool:
        """Use a session from now on, if it is valid and has not expired. Return whether it is used."""
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
    """Return the exception for a missing package."""
    return CoprAuthException("Kerberos login needs the packages that `pip install 'copr[gssapi]'` installs.")


evaluable(__name__)

__getattr__ = released_names(__name__)
