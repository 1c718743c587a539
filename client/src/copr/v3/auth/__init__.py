"""The credentials of a client: an API token, or a session from a Kerberos ticket.

Rules: a request carries one of the two, never both. Nothing is read, imported or requested before a call
needs login.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..._config import Config
from ..._errors import CoprAuthException
from ..._typing import TYPE_CHECKING, Any, evaluable
from .base import BaseAuth
from .token import ApiToken

if TYPE_CHECKING:
    from .gssapi import Gssapi

__all__ = ["ApiToken", "BaseAuth", "Gssapi", "auth_from_config"]


def auth_from_config(config: Mapping[str, Any]) -> BaseAuth:
    """Return the credentials of a configuration: its login and token, else Kerberos if `gssapi` is set.

    :param config: the configuration, as `config_from_file` returns it.
    :returns: the credentials. Nothing is requested yet.
    :raises CoprConfigException: the configuration has an invalid value.
    :raises CoprAuthException: the configuration has no credentials. The text says how to get some.
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
        f"This call needs login, and {origin[0].lower()}{origin[1:]} has no {lacking} "
        f"for {checked.copr_url}. "
        f"Copy both from {checked.copr_url}/api into ~/.config/copr, the environment "
        "(COPR_LOGIN, COPR_TOKEN) or the configuration that the client is made with. To log in with a "
        "Kerberos ticket instead, set gssapi there."
    )


def __getattr__(name: str) -> Any:
    if name == "Gssapi":
        from .gssapi import Gssapi

        return Gssapi
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


evaluable(__name__, auth_from_config)
