"""The base class of credentials: a login and token, or the cookie of a session."""

from __future__ import annotations

import time
from collections.abc import Mapping

from ..._late import released_names
from ..._typing import Any, evaluable

__all__ = ["BaseAuth"]


class BaseAuth:
    """The credentials of one configuration.

    `auth` is a login and a token, `cookies` are those of a session; both are in the form that `requests`
    takes, or None. `username` is the user's name, or None if it is not known. `expiration` is the unix time
    (seconds, UTC) at which the credentials expire, or None. `renewable` tells whether new credentials may
    help after a response 401.

    :param config: the configuration, as `config_from_file` returns it.
    """

    auth: tuple[str, str] | None = None
    cookies: Mapping[str, str] | None = None
    renewable = False

    #: A program's own store for sessions, with `lock`, `load_session()` and `save_session(session)`.
    cache: Any = None

    def __init__(self, config: Mapping[str, Any] | None) -> None:
        self.config: Any = config
        username = None if config is None else config.get("username")
        self.username: str | None = username if isinstance(username, str) else None
        self.expiration: float | None = None

    @property
    def expired(self) -> bool:
        """Whether there are no credentials yet, or they have expired: then `make` gets new ones."""
        if self.auth is None and not self.cookies:
            return True
        return self.expiration is not None and self.expiration <= time.time()

    def make(self, reauth: bool = False) -> None:
        """Get new credentials if there are none or they have expired.

        This may send requests.

        :param reauth: get new credentials also if the current ones are valid.
        :raises CoprAuthException: new credentials cannot be obtained.
        """
        if self.cache is not None:
            self._make_with(self.cache, reauth)
        elif reauth or self.expired:
            self.make_expensive()

    def _make_with(self, cache: Any, reauth: bool) -> None:
        """Load a session from a program's own store, or get one and store it."""
        if self.username and (self.auth or self.cookies) and not reauth:
            return
        with cache.lock:
            session = None if reauth else cache.load_session()
            if session:
                self.username, self.expiration = session["name"], session["expiration"]
                self.cookies = {"session": session["session"]}
            if not session or self.expired:
                self.make_expensive()
                if self.cookies:
                    kept = {"name": self.username, "expiration": self.expiration}
                    cache.save_session({**kept, "session": self.cookies["session"]})

    def make_expensive(self) -> None:
        """Get new credentials.

        Subclasses that can do so override this.

        :raises CoprAuthException: new credentials cannot be obtained.
        """

    def explanation(self) -> str | None:
        """Return a reason why the service may refuse these credentials.

        :returns: one or more sentences, or None if no reason is known.
        """
        return None

    def headers(self) -> dict[str, str]:
        """Return the headers that carry these credentials.

        :returns: `Authorization`, `Cookie`, both or none.
        :source: RFC 7617 (Basic authentication), RFC 6265 (cookies)
        """
        headers = {}
        if self.auth is not None:
            from base64 import b64encode

            headers["Authorization"] = "Basic " + b64encode(":".join(self.auth).encode()).decode()
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return headers


evaluable(__name__)

__getattr__ = released_names(__name__)
