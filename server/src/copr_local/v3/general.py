"""The root of the API, login and tokens, and the chroots on offer."""

from __future__ import annotations

from typing import Any

from ..rules import chroots, users
from ..wire.context import reading, writing
from . import render
from .login import caller, needs_login
from .routes import api


@api.get("/")
def home() -> Any:
    """Which API this is."""
    return {"version": 3}


@api.get("/auth-check")
@needs_login
def auth_check() -> Any:
    """Who is logged in."""
    with reading() as tx:
        return render.user(caller(tx))


@api.post("/api-token")
@needs_login
def new_api_token() -> Any:
    """A new login and token; the old ones stop working."""
    with writing() as tx:
        return render.credentials(users.renew_token(tx, caller(tx)))


@api.get("/mock-chroots/list")
def list_mock_chroots() -> Any:
    """The chroots on offer, with comments."""
    with reading() as tx:
        return {chroot.name: chroot.comment for chroot in chroots.active(tx)}
