"""What requests cost, by method and path, so that a request for one thing waits for none that asks for all.

A request that is not in a table is of the middle kind: it changes one thing, reads a page of a listing, or
is a page for people.
"""

from __future__ import annotations

import re
from typing import Literal

# Responses with one record or one file.
_ONE = re.compile(
    r"""
    /api_3/? | /healthz
    | /api_3/(auth-check|project|package|rpmrepo/.*|gssapi_login.*)
    | /api_3/build(-chroot)?/([0-9]|source|built|build).*
    | /api_3/(build|project)-chroot(/build-config)?
    | /api_2/(builds|projects)/[0-9]+ | /api_2/build_tasks/.* | /api_2/?
    | /api/status | /api/coprs/build(_detail|_status)?/[0-9]+/
    | /coprs/.*/(repo/.*|badge.svg)
    | /(results|tmp|static)/.*[^/]
    """,
    re.VERBOSE,
)
# Responses with as many records as there are, and deletions of as many.
_MANY = re.compile(
    r"""
    .*/(list|search|monitor|packages|projects|coprs|rss|package/list)/?
    | /api/coprs/([^/]+/|search/[^/]+/|[^/]+/[^/]+/(monitor|detail|fork|delete)/([^/]+/)?)
    | /coprs/.*/packages?/.* | /coprs/.*/(builds/delete|regenerate)/
    | /api_3/(build/delete/list|project/(delete|fork|list|regenerate-repos).*)
    | /results/(.*/)?
    """,
    re.VERBOSE,
)


def lane(method: str, path: str) -> Literal["one", "some", "many"]:
    """Return how much a request asks for.

    :param method: method of the request.
    :param path: path of the request, without the query.
    :returns: `one` for a record or a file, `many` for everything that there is of a kind, otherwise `some`.
    """
    if method in ("GET", "HEAD") and _ONE.fullmatch(path):
        return "one"
    return "many" if _MANY.fullmatch(path) else "some"
