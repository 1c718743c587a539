"""Endpoints of API v2 below `/mock_chroots`: all chroots of this service, active or not."""

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
    """Return the chroots of this service. The query parameter `active_only` selects those that are active.

    :returns: the JSON response with the chroots.
    :raises Refused: the query parameter is not valid.
    :source: ``GET /api_2/mock_chroots``
    """
    active_only = query.flag("active_only") or None
    with reading() as tx:
        found = chroots.active(tx) if active_only else chroots.known(tx)
        address = query.link(url_for("v2.list_mock_chroots"), active_only=active_only)
        return render.listing("chroots", map(render.mock_chroot, found), address)


@api.get("/mock_chroots/<name>")
def get_mock_chroot(name: str) -> Any:
    """Return one chroot.

    :param name: name of the chroot.
    :returns: the JSON response with the chroot.
    :raises BadRequest: the name is not valid; the response is an HTML page.
    :raises Refused: the chroot does not exist.
    :source: ``GET /api_2/mock_chroots/{name}``
    """
    with reading() as tx:
        try:
            chroots.check_name(name)
        except UnknownChroot as error:
            raise BadRequest(str(error)) from error
        chroot = chroots.find(tx, name)
        if chroot is None:
            raise Refused("Requested object wasn't found", 404)
        return render.mock_chroot(chroot)
