"""Who asks: an API token, or a Kerberos ticket.

Rules: one of the two, never both in one request. Nothing is read, imported or asked before a call needs
login.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..._config import Config
from ..._errors import CoprAuthException
from ..._typing import TYPE_CHECKING, Any
from .base import BaseAuth
from .token import ApiToken

if TYPE_CHECKING:
    from .gssapi import Gssapi

__all__ = ["ApiToken", "BaseAuth", "Gssapi", "auth_from_config"]


def auth_from_config(config: Mapping[str, Any]) -> BaseAuth:
    """The credentials that a configuration holds: its login and token, or else Kerberos if `gssapi` is set.

    Raises CoprConfigException where the configuration cannot be used, CoprAuthException, saying where
    credentials come from, where it has none.
    """
    checked = Config(config)
    if checked.login is not None and checked.token is not None:
        return ApiToken(config)
    if checked.gssapi:
        from .gssapi import Gssapi

        return Gssapi(config)
    lacking = "token" if checked.login else "login" if checked.token else "login and token"
    origin = checked.origin("token" if checked.login else "login")
    raise CoprAuthException(
        f"This needs login, and {origin[0].lower()}{origin[1:]} has no {lacking} for {checked.copr_url}. "
        f"Get them from {checked.copr_url}/api and put them into ~/.config/copr, the environment "
        "(COPR_LOGIN, COPR_TOKEN) or the configuration that the client is made with; or set gssapi there, to "
        "log in with a Kerberos ticket."
    )


def __getattr__(name: str) -> Any:
    if name == "Gssapi":
        from .gssapi import Gssapi

        return Gssapi
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
