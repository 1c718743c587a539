"""Login by API token."""

from __future__ import annotations

from base64 import b64encode

from .base import BaseAuth

__all__ = ["ApiToken"]


class ApiToken(BaseAuth):
    """A login and a token, as the service's page /api gives them; sent as RFC 7617 says."""

    def headers(self) -> dict[str, str]:
        """The Authorization header."""
        pair = f"{self.config['login']}:{self.config['token']}"
        return {"Authorization": "Basic " + b64encode(pair.encode()).decode()}
