"""Plans for API v2's calls on the service itself: its root, and the chroots it can build for."""

from __future__ import annotations

from ..._typing import Any
from ..._wire import Call, Plan
from ...v3.calls import base, mock_chroot
from ..memory import Memory
from ..routes import Refused
from . import render
from .render import Document


def get_root(memory: Memory, call: Call[Any]) -> Plan[Document]:
    """Return the root."""
    yield from base.home()
    return render.root()


def get_mock_chroots(memory: Memory, call: Call[Any]) -> Plan[Document]:
    """Return the service's chroots; API v3 lists only the active ones."""
    active_only = call.query.get("active_only") or None
    found = yield from mock_chroot.get_list()
    items = (render.mock_chroot(name) for name in found if not name.startswith("_"))
    return render.listing("chroots", items, {"active_only": active_only}, "/mock_chroots")


def get_mock_chroot(memory: Memory, call: Call[Any], name: str) -> Plan[Document]:
    """Return one of the service's chroots."""
    try:
        render.chroot_parts(name)
    except ValueError as malformed:
        raise Refused(400) from malformed
    if name not in (yield from mock_chroot.get_list()):
        raise Refused(404, "Requested object wasn't found")
    return render.mock_chroot(name)
