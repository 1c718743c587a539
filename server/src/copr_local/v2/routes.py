"""The blueprint of API v2, and its answers that are no JSON."""

from __future__ import annotations

from typing import Any

from flask import Response, request, url_for

from ..wire.strict_blueprint import StrictBlueprint

PREFIX = "/api_2"

api = StrictBlueprint("v2", __name__, url_prefix=PREFIX)


def created(endpoint: str, **parts: Any) -> Response:
    """An answer without a body: where the new thing is, as an address on the host that was asked."""
    where = request.host_url.rstrip("/") + url_for(f"v2.{endpoint}", **parts)
    return Response("", 201, {"Location": where}, content_type="text/html; charset=utf-8")


def done() -> Response:
    """An answer without a body."""
    return Response("", 204, content_type="application/json")
