"""Login, the queue, and two pages: where tokens come from, and projects in the playground."""

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
    """Whether the login and the token are right."""
    return render.ok()


@api.get("/status")
def status() -> Any:
    """How much there is to do."""
    with reading() as tx:
        return asdict(overviews.queue_length(tx))


@api.get("/playground/list/")
def list_playground() -> Any:
    """The projects that administrators of the original put into its playground; there is none here."""
    return render.ok(repos=[])


@api.get("/new/")
def new_token() -> Any:
    """A new token is given to whoever logs in on the web."""
    return redirect(f"{request.host_url}login/?{urlencode({'next': request.url})}")
