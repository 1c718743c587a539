"""`/build-chroot`: get, list, build-config, built-packages; each also at its old address without a query."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..data.database import Transaction
from ..data.models import BuildChroot
from ..rules import builds
from ..rules.errors import NotFound, UnknownChroot
from ..wire.context import reading
from . import build_config, query, render
from .description import takes
from .errors import Crash
from .routes import api

Id = int | str | None


def _asked_for(build_id: Id, chrootname: str | None) -> tuple[str, str]:
    """The number of a build and the name of a chroot, in the path or in the query."""
    number = query.argument("build_id") if build_id is None else str(build_id)
    return number, query.argument("chrootname") if chrootname is None else chrootname


def _chroot(tx: Transaction, number: str, name: str) -> BuildChroot:
    if not (number.isascii() and number.isdigit()):
        raise NotFound(f"Build {number} does not exist.")
    try:
        return builds.get_chroot(tx, builds.get(tx, int(number)), name)
    except UnknownChroot as error:
        raise Crash(str(error)) from error


@api.get("/build-chroot")
@api.get("/build-chroot/<int:build_id>/<chrootname>")
@takes(query="build_id chrootname")
def get_build_chroot(build_id: Id = None, chrootname: str | None = None) -> Any:
    """One chroot of a build."""
    asked_for = _asked_for(build_id, chrootname)
    with reading() as tx:
        return render.build_chroot(_chroot(tx, *asked_for))


@api.get("/build-chroot/list")
@api.get("/build-chroot/list/<int:build_id>")
@takes(query="build_id", page=True)
def list_build_chroots(build_id: Id = None) -> Any:
    """The chroots of a build; of an unknown build, none."""
    page = query.page()
    if page.order == "name":
        page = replace(page, order="id")  # as in the original, for clients of long ago
    number = query.argument("build_id") if build_id is None else str(build_id)
    if not number.removeprefix("-").isdecimal():
        raise Crash
    with reading() as tx:
        found = builds.chroots_in_list(tx, int(number), page)
        return render.listing(map(render.build_chroot, found), page)


@api.get("/build-chroot/build-config")
@api.get("/build-chroot/build-config/<int:build_id>/<chrootname>")
@takes(query="build_id chrootname")
def get_build_config(build_id: Id = None, chrootname: str | None = None) -> Any:
    """What a chroot of a build is built with."""
    asked_for = _asked_for(build_id, chrootname)
    with reading() as tx:
        return build_config.of_build(_chroot(tx, *asked_for))


@api.get("/build-chroot/built-packages")
@api.get("/build-chroot/built-packages/<int:build_id>/<chrootname>")
@takes(query="build_id chrootname")
def get_chroot_packages(build_id: Id = None, chrootname: str | None = None) -> Any:
    """What came out of one chroot of a build."""
    asked_for = _asked_for(build_id, chrootname)
    with reading() as tx:
        return render.built_packages(_chroot(tx, *asked_for))
