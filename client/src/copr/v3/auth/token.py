"""Login by API token.

Rules: a token has an end, which the configuration file tells in a comment. Before it, a warning says so once;
after it, the service's refusal gets that explanation.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping

from ..._typing import Any
from .base import BaseAuth

__all__ = ["ApiToken"]

#: Days before its end from which on a token's end is worth a warning.
WARNING_DAYS = 14


class ApiToken(BaseAuth):
    """A login and a token, as the service's page /api gives them."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        self._expires: str | None = getattr(config, "expires", None)
        if self._expires is not None and 0 <= self._days_left() <= WARNING_DAYS:
            warnings.warn(f"{self._about_the_token()} ends on {self._expires}. {self._renew()}", stacklevel=2)

    @property
    def auth(self) -> tuple[str, str]:  # type: ignore[override]  # programs may renew the configuration's token
        """The login and the token, as `requests` takes them."""
        return str(self.config["login"]), str(self.config["token"])

    def explanation(self) -> str | None:
        """Why the service may refuse this token: it has ended."""
        if self._expires is None or self._days_left() >= 0:
            return None
        return f"{self._about_the_token()} ended on {self._expires}. {self._renew()}"

    def _days_left(self) -> float:
        """Days until the token's last day (UTC) begins, less than 0 when that day is over."""
        try:
            last_day = time.strptime(self._expires or "", "%Y-%m-%d")
        except ValueError:
            return float("inf")
        today = time.gmtime()
        return _day_number(last_day) - _day_number(today)

    def _about_the_token(self) -> str:
        origin = getattr(self.config, "origins", {}).get("token", "the configuration")
        return f"The token of {origin[0].lower()}{origin[1:]}"

    def _renew(self) -> str:
        return f"Get a new one from {str(self.config['copr_url']).rstrip('/')}/api."


def _day_number(day: time.struct_time) -> int:
    import calendar

    return calendar.timegm((day.tm_year, day.tm_mon, day.tm_mday, 0, 0, 0)) // 86_400
