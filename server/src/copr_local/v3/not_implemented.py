"""The endpoints of API v3 that this local Copr does not have yet: they answer 501, and say so."""

from __future__ import annotations

from typing import Any

from flask import request

from .errors import answer
from .routes import api

ENDPOINTS: dict[str, tuple[str, ...]] = {
    "/docs": ("GET",),
    "/swagger.json": ("GET",),
}


def not_implemented(**_parts: str) -> Any:
    """Say which endpoint is missing."""
    endpoint = f"{request.method} {request.path}"
    return answer(f"{endpoint} is not implemented by this local Copr yet", 501)


for path, methods in ENDPOINTS.items():
    api.add_url_rule(path, "not_implemented", not_implemented, methods=methods)
