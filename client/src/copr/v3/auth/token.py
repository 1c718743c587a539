"""Login with an API token.

Rules: a token expires on a day that the configuration file names in a comment. Shortly before that day there
is one warning; after it, the exception for a refused token says that the token has expired.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from ..._typing import Any, evaluable
from .base import BaseAuth

__all__ = ["ApiToken"]

#: A token that expires within this number of days causes a warning.
WARNING_DAYS = 14


class ApiToken(BaseAuth):
    """A login and a token, as the service's page /api shows them.

    :param config: the configuration, as `config_from_file` returns it.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__(config)
        expires = getattr(config, "expires", None)
        self._expires: str | None = expires if isinstance(expires, str) else None
        self.username = config.get("username")
        if self._expires is not None and 0 <= self._days_left() <= WARNING_DAYS:
            import warnings

            warnings.warn(
                f"{self._about_the_token()} expires on {self._expires}. {self._renew()}", stacklevel=2
            )

    @property
    def auth(self) -> tuple[str, str]:  # type: ignore[override]  # programs may renew the configuration's token
        """The login and the token, in the form that `requests` takes."""
        return str(self.config["login"]), str(self.config["token"])

    def explanation(self) -> str | None:
        """Return the reason why the service refuses an expired token.

        :returns: when the token expired and where to get a new one, or None if it has not expired.
        """
        if self._expires is None or self._days_left() >= 0:
            return None
        return f"{self._about_the_token()} expired on {self._expires}. {self._renew()}"

    def _days_left(self) -> float:
        """Return the days from today to the token's last day (UTC); negative after that day."""
        try:
            last_day = time.strptime(self._expires or "", "%Y-%m-%d")
        except ValueError:
            return float("inf")
        today = time.gmtime()
        return _day_number(last_day) - _day_number(today)

    def _about_the_token(self) -> str:
        """Return the beginning of a sentence about the token, with the place that it is from."""
        origin = getattr(self.config, "origins", {}).get("token", "the configuration")
        return f"The token of {origin[0].lower()}{origin[1:]}"

    def _renew(self) -> str:
        """Return a sentence that says where to get a new token."""
        return f"Get a new one from {str(self.config['copr_url']).rstrip('/')}/api."


def _day_number(day: time.struct_time) -> int:
    """Return the number of days from 1970-01-01 to a day."""
    import calendar

    return calendar.timegm((day.tm_year, day.tm_mon, day.tm_mday, 0, 0, 0)) // 86_400


evaluable(__name__)
