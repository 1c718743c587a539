"""Authentication: HTTP basic authentication with a login and an API token, or a session cookie.

A valid session has priority over a token, as in the real Copr frontend. An expired session is ignored.

The check comes before any use of the body. By then the server has received the whole body;
`http/parser.py` refuses large bodies of requests without credentials.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import g, request

from ..data.database import Transaction
from ..data.models import User
from ..rules import sessions, users
from ..rules.errors import AuthenticationRequired, Forbidden
from ..wire.context import reading, service
from ..wire.credentials import basic, session_keys
from .errors import Crash

View = TypeVar("View", bound=Callable[..., Any])


def needs_login(view: View) -> View:
    """Let only requests with a valid session or API token through to an endpoint.

    Other requests get an `AuthenticationRequired` error, or `Crash` for a malformed `Authorization` header.

    :param view: endpoint that can then use `caller`.
    :returns: the endpoint with the check.
    """

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        with reading() as tx:
            keys = session_keys(service().public_url, request.cookies)
            user = next(filter(None, (sessions.find(tx, key) for key in keys)), None)
            if user is not None:
                _check_site()
            found = user or users.authenticate(tx, *_credentials())
            g.user_id, g.user_name = found.id, found.name
        return view(*args, **kwargs)

    checked.needs_login = True  # type: ignore[attr-defined]
    return checked  # type: ignore[return-value]


def caller(tx: Transaction) -> User:
    """Return the user who sent the request; only for endpoints with `needs_login`.

    :param tx: the open transaction.
    :returns: the user.
    """
    return tx.session.get_one(User, g.user_id)


def _check_site() -> None:
    """Check that no other website made a browser send this change with the cookie of its user.

    Every browser names the site in such a request. Programs that log in with Kerberos do not.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    own = {_origin(service().public_url), _origin(request.host_url)}
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "none")
    if site not in ("same-origin", "none") or (origin is not None and _origin(origin) not in own):
        raise Forbidden(
            "A page of another website sent this request. Only pages of this Copr may use a session."
        )


def _origin(url: str) -> tuple[str, str]:
    """Return the scheme and the host with its port, in lower case."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _credentials() -> tuple[str, str]:
    """Return the login and the token of the `Authorization` header."""
    header = request.headers.get("Authorization")
    if header is None:
        raise AuthenticationRequired("Login invalid/expired.")
    try:
        return basic(header)
    except ValueError:
        raise Crash from None
