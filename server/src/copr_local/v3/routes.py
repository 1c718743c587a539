"""The blueprint of API v3, and what the verbs that it keeps for old clients add to an answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, make_response, request

PREFIX = "/api_3"

api = Blueprint("v3", __name__, url_prefix=PREFIX)

View = TypeVar("View", bound=Callable[..., Any])


def deprecated(verb: str, *, use: str) -> Callable[[View], View]:
    """Mark a verb of an endpoint as deprecated: it works, and the answer has a Warning header."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(*args: Any, **kwargs: Any) -> Any:
            response = make_response(view(*args, **kwargs))
            if request.method == verb:
                response.headers["Warning"] = f"This method is deprecated: Use {use} method instead of {verb}"
            return response

        answer.deprecated_verb = verb  # type: ignore[attr-defined]
        return answer  # type: ignore[return-value]

    return decorate
