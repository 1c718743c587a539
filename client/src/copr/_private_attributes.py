"""The private attributes of requests and aiohttp that the client reads or sets, each in one function.

Rules: no other file names such an attribute. `tests/meta/test_private_attributes.py` fails if a new version
of a library renames one or uses it in another way.
"""

from __future__ import annotations

from collections.abc import Callable

from ._typing import Any


def has_body(response: Any) -> bool:
    """Return True if the body of a `requests.Response` has been read already."""
    return isinstance(response._content, bytes)


def set_body(response: Any, body: bytes) -> None:
    """Set the body of a `requests.Response`, so that nothing is read for it any more."""
    # `content` joins blocks of 10 KiB; setting what it caches is the only way to read larger blocks.
    response._content = body
    response._content_consumed = True


def drop_body(response: Any) -> None:
    """Free the body of a `requests.Response`; do nothing for any other object."""
    if getattr(response, "_content", None):
        response._content = b""


def set_cookies(request: Any, cookies: Any) -> None:
    """Set the cookies of a `requests.PreparedRequest` that was not prepared by a session."""
    # A session reads them when it follows a redirect.
    request._cookies = cookies


def never_repeat(session: Any) -> None:
    """Make an `aiohttp.ClientSession` send each request once."""
    # By default it repeats a PUT or DELETE if the connection is lost. The policy of the client decides that.
    session._retry_connection = False


def adopting(connector: Any, adopt: Callable[[], Any]) -> None:
    """Make an `aiohttp.TCPConnector` ask for a connection before it makes one; `adopt` can return None."""
    create = connector._create_connection

    async def adopt_or_create(request: Any, traces: Any, timeout: Any) -> Any:
        adopted = adopt()  # an empty queue, so it is false
        return await create(request, traces, timeout) if adopted is None else adopted

    connector._create_connection = adopt_or_create
