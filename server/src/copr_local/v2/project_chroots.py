"""`/projects/<id>/chroots`: the chroots of a project."""

from __future__ import annotations

from typing import Any

from ..context import reading
from ..db import Transaction
from ..models import Project, ProjectChroot
from ..rules import chroots
from ..rules.errors import UnknownChroot
from . import render
from .builds import get_project
from .errors import Refused
from .routes import api


@api.get("/projects/<int:project_id>/chroots")
def list_project_chroots(project_id: int) -> Any:
    """The chroots of a project."""
    with reading() as tx:
        project = get_project(tx, project_id)
        address = f"{render.project_path(project.id)}/chroots"
        return render.listing("chroots", map(render.project_chroot, project.chroots), address)


@api.get("/projects/<int:project_id>/chroots/<name>")
def get_project_chroot(project_id: int, name: str) -> Any:
    """One chroot of a project."""
    with reading() as tx:
        return render.project_chroot(_chroot(tx, get_project(tx, project_id), name))


def _chroot(tx: Transaction, project: Project, name: str) -> ProjectChroot:
    try:
        chroots.check_name(name)
    except UnknownChroot as error:
        raise Refused(f"Bad mock chroot name: {error}") from error
    chroot = next((chroot for chroot in project.chroots if chroot.name == name), None)
    if chroot is None:
        raise Refused("Requested object wasn't found", 404)
    return chroot
