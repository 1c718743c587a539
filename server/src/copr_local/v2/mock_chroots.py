"""`/mock_chroots`: the chroots that this Copr knows, also those that it no longer offers."""

from __future__ import annotations

from typing import Any

from flask import url_for
from werkzeug.exceptions import BadRequest

from ..rules import chroots
from ..rules.errors import UnknownChroot
from ..wire.context import reading
from . import query, render
from .errors import Refused
from .routes import api


@api.get("/mock_chroots")
def list_mock_chroots() -> Any:
    """All chroots, or those on offer."""
    active_only = query.flag("active_only") or None
    with reading() as tx:
        found = chroots.active(tx) if active_only else chroots.known(tx)
        address = query.link(url_for("v2.list_mock_chroots"), active_only=active_only)
        return render.listing("chroots", map(render.mock_chroot, found), address)


@api.get("/mock_chroots/<name>")
def get_mock_chroot(name: str) -> Any:
    """One chroot."""
    with reading() as tx:
        try:
            chroots.check_name(name)
        except UnknownChroot as error:
            raise BadRequest(str(error)) from error
        chroot = chroots.find(tx, name)
        if chroot is None:
            raise Refused("Requested object wasn't found", 404)
        return render.mock_chroot(chroot)
