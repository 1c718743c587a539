"""What all credentials are: a login and token, or a session's cookie; and a way to get new ones."""

from __future__ import annotations

import time
from collections.abc import Mapping

from ..._typing import Any

__all__ = ["BaseAuth"]


class BaseAuth:
    """The credentials of one configuration.

    `auth`: a login and a token, and `cookies`: those of a session, both as `requests` takes them, None where
    there are none; `username`: whose they are, as far as is known here; `expiration`: unix time (UTC) from
    when they no longer count, or None; `renewable`: whether asking again may mend an answer 401.
    """

    auth: tuple[str, str] | None = None
    cookies: Mapping[str, str] | None = None
    renewable = False

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = config
        self.username: str | None = config.get("username")
        self.expiration: float | None = None

    @property
    def expired(self) -> bool:
        """Whether `make` has something to do before these credentials can be used."""
        if self.auth is None and not self.cookies:
            return True
        return self.expiration is not None and self.expiration <= time.time()

    def make(self, reauth: bool = False) -> None:
        """Get ready for use, in what may take a while; `reauth`: even if there is something that looks
        usable.

        Raises CoprAuthException where that is not possible.
        """
        if reauth or self.expired:
            self.make_expensive()

    def make_expensive(self) -> None:
        """Get new credentials from whoever gives them. Raises CoprAuthException where that is not
        possible."""

    def explanation(self) -> str | None:
        """Why the service may refuse these credentials, or None where that is not known here."""
        return None

    def headers(self) -> dict[str, str]:
        """The headers of a call that needs login (RFC 7617, RFC 6265)."""
        headers = {}
        if self.auth is not None:
            from base64 import b64encode

            headers["Authorization"] = "Basic " + b64encode(":".join(self.auth).encode()).decode()
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return headers
