"""The blueprint of API v2, and its responses without a body."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from ..wire.strict_blueprint import StrictBlueprint

PREFIX = "/api_2"

api = StrictBlueprint("v2", __name__, url_prefix=PREFIX)


def created(endpoint: str, **parts: Any) -> Response:
    """Return a response for something that the request created or changed.

    :param endpoint: name of the endpoint that shows it.
    :param parts: variable parts of the endpoint's path.
    :returns: a response with status 201 and no body. The header `Location` has a URL on the requested host.
    """
    where = request.host_url.rstrip("/") + url_for(f"v2.{endpoint}", **parts)
    return Response("", 201, {"Location": where}, content_type="text/html; charset=utf-8")


def done() -> Response:
    """Return a response for a request that succeeded.

    :returns: a response with status 204 and no body.
    """
    return Response("", 204, content_type="application/json")
