"""Endpoints of API v1 about the login, the queue, API tokens, and projects in the playground."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from flask import redirect, request

from ..rules import overviews
from ..wire.context import reading
from ..wire.old_api_login import needs_login
from . import render
from .routes import api


@api.post("/auth_check/")
@needs_login
def auth_check() -> Any:
    """Check the login and the token of the request.

    :returns: the JSON response `{"output": "ok"}`.
    :raises AuthenticationRequired: the login or the token is missing, wrong or expired.
    :source: ``POST /api/auth_check/``
    """
    return render.ok()


@api.get("/status")
def status() -> Any:
    """Return the length of the build queue.

    :returns: the JSON response with the numbers of builds that are imported, and of chroots of builds that
        run or wait.
    :source: ``GET /api/status``
    """
    with reading() as tx:
        return asdict(overviews.queue_length(tx))


@api.get("/playground/list/")
def list_playground() -> Any:
    """Return the projects in the playground.

    The administrators of the real Copr frontend could move projects there. This service has no playground.

    :returns: the JSON response with an empty list.
    :source: ``GET /api/playground/list/``
    """
    return render.ok(repos=[])


@api.get("/new/")
def new_token() -> Any:
    """Redirect to the login page, where a user gets a new API token.

    :returns: the redirect.
    :source: ``GET /api/new/``
    """
    return redirect(f"{request.url_root}login/?{urlencode({'next': request.url})}")
