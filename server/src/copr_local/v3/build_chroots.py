"""`/build-chroot`: get, list, build-config, built-packages; each also at its old address without a query."""

from __future__ import annotations

from typing import Any

from ..context import reading
from ..db import Transaction
from ..models import Build, BuildChroot
from ..rules import builds
from ..rules.errors import NotFound, UnknownChroot
from ..rules.listing import Page
from . import build_config, query, render
from .description import takes
from .errors import Crash
from .routes import api

Id = int | str | None


def _build(tx: Transaction, build_id: Id) -> Build:
    wanted = query.argument("build_id") if build_id is None else str(build_id)
    if not (wanted.isascii() and wanted.isdigit()):
        raise NotFound(f"Build {wanted} does not exist.")
    return builds.get(tx, int(wanted))


def _chroot(tx: Transaction, build_id: Id, chrootname: str | None) -> BuildChroot:
    build = _build(tx, build_id)
    try:
        return builds.get_chroot(
            tx, build, query.argument("chrootname") if chrootname is None else chrootname
        )
    except UnknownChroot as error:
        raise Crash(str(error)) from error


@api.get("/build-chroot")
@api.get("/build-chroot/<int:build_id>/<chrootname>")
@takes(query="build_id chrootname")
def get_build_chroot(build_id: Id = None, chrootname: str | None = None) -> Any:
    """One chroot of a build."""
    with reading() as tx:
        return render.build_chroot(_chroot(tx, build_id, chrootname))


@api.get("/build-chroot/list")
@api.get("/build-chroot/list/<int:build_id>")
@takes(query="build_id")
def list_build_chroots(build_id: Id = None) -> Any:
    """All chroots of a build."""
    # Always the whole list: the original reads no page here.
    with reading() as tx:
        return render.listing(map(render.build_chroot, _build(tx, build_id).chroots), Page())


@api.get("/build-chroot/build-config")
@api.get("/build-chroot/build-config/<int:build_id>/<chrootname>")
@takes(query="build_id chrootname")
def get_build_config(build_id: Id = None, chrootname: str | None = None) -> Any:
    """What a chroot of a build is built with."""
    with reading() as tx:
        return build_config.of_build(_chroot(tx, build_id, chrootname))


@api.get("/build-chroot/built-packages")
@api.get("/build-chroot/built-packages/<int:build_id>/<chrootname>")
@takes(query="build_id chrootname")
def get_chroot_packages(build_id: Id = None, chrootname: str | None = None) -> Any:
    """What came out of one chroot of a build."""
    with reading() as tx:
        return render.built_packages(_chroot(tx, build_id, chrootname))
