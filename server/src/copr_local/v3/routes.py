"""The blueprint of API v3, and the deprecation of old HTTP methods."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, make_response, request

PREFIX = "/api_3"

api = Blueprint("v3", __name__, url_prefix=PREFIX)

View = TypeVar("View", bound=Callable[..., Any])


def deprecated(verb: str, *, use: str) -> Callable[[View], View]:
    """Return a decorator that marks one HTTP method of an endpoint as deprecated.

    The method still works, and its responses have a `Warning` header.

    :param verb: the deprecated method, such as `POST`.
    :param use: the method that replaces it.
    :returns: the decorator.
    """

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
