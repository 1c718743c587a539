"""The API's root, the login check, new API tokens, and the available chroots."""

from __future__ import annotations

from typing import Any

from ..rules import chroots, users
from ..wire.context import reading, writing
from . import render
from .login import caller, needs_login
from .routes import api


@api.get("/")
def home() -> Any:
    """Return the version of this API.

    :returns: 3, under `version`.
    :source: ``GET /api_3/``
    """
    return {"version": 3}


@api.get("/auth-check")
@needs_login
def auth_check() -> Any:
    """Return the user who sent the request.

    :returns: name and id of the user.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :source: ``GET /api_3/auth-check``
    """
    with reading() as tx:
        return render.user(caller(tx))


@api.post("/api-token")
@needs_login
def new_api_token() -> Any:
    """Create a new login and API token; the old ones stop working.

    :returns: the login, the token, and the last day on which they work.
    :raises AuthenticationRequired: the request has no valid session cookie or API token.
    :source: ``POST /api_3/api-token``
    """
    with writing() as tx:
        return render.credentials(users.renew_token(tx, caller(tx)))


@api.get("/mock-chroots/list")
def list_mock_chroots() -> Any:
    """Return the available chroots with their comments.

    :returns: comments by chroot name.
    :source: ``GET /api_3/mock-chroots/list``
    """
    with reading() as tx:
        return {chroot.name: chroot.comment for chroot in chroots.active(tx)}
