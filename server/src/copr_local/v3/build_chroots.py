"""`/build-chroot`: get, list, build-config, built-packages; each also at its old URL without a query."""

from __future__ import annotations

import re
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

_NUMBER = re.compile(r"-?[0-9]{1,4000}")  # int() refuses more than 4300 digits


def _asked_for(build_id: Id, chrootname: str | None) -> tuple[str, str]:
    """Return the build id and the chroot name from the path, else from the query."""
    number = query.argument("build_id") if build_id is None else str(build_id)
    return number, query.argument("chrootname") if chrootname is None else chrootname


def _chroot(tx: Transaction, number: str, name: str) -> BuildChroot:
    """Return the chroot of a build; raise `NotFound` or, for a malformed chroot name, `Crash`."""
    if not _NUMBER.fullmatch(number) or number.startswith("-"):
        raise NotFound(f"Build {number} does not exist.")
    try:
        return builds.get_chroot(tx, builds.get(tx, int(number)), name)
    except UnknownChroot as error:
        raise Crash(str(error)) from error


@api.get("/build-chroot")
@api.get("/build-chroot/<int:build_id>/<chrootname>")
@takes(query="build_id chrootname")
def get_build_chroot(build_id: Id = None, chrootname: str | None = None) -> Any:
    """Return one chroot of a build.

    :param build_id: id of the build, from the old URL; None to take it from the query.
    :param chrootname: name of the chroot, from the old URL; None to take it from the query.
    :returns: the state, times and results URL of the chroot.
    :raises Invalid: a query argument is missing.
    :raises NotFound: the build does not exist, or does not have this chroot.
    :raises Crash: the chroot name is malformed.
    :source: ``GET /api_3/build-chroot``, ``GET /api_3/build-chroot/{build_id}/{chrootname}``
    """
    asked_for = _asked_for(build_id, chrootname)
    with reading() as tx:
        return render.build_chroot(_chroot(tx, *asked_for))


@api.get("/build-chroot/list")
@api.get("/build-chroot/list/<int:build_id>")
@takes(query="build_id", page=True)
def list_build_chroots(build_id: Id = None) -> Any:
    """Return the chroots of a build; an empty list if the build does not exist.

    :param build_id: id of the build, from the old URL; None to take it from the query.
    :returns: one page of the listing.
    :raises Invalid: the query lacks `build_id`.
    :raises Crash: the build id is not a number, or an argument of the page is invalid.
    :raises CannotOrder: build chroots cannot be sorted by this property.
    :source: ``GET /api_3/build-chroot/list``, ``GET /api_3/build-chroot/list/{build_id}``
    """
    page = query.page()
    if page.order == "name":
        page = replace(page, order="id")  # as in the real Copr frontend, for old clients
    number = query.argument("build_id") if build_id is None else str(build_id)
    if not _NUMBER.fullmatch(number):
        raise Crash
    with reading() as tx:
        found = builds.chroots_in_list(tx, int(number), page)
        return render.listing(map(render.build_chroot, found), page)


@api.get("/build-chroot/build-config")
@api.get("/build-chroot/build-config/<int:build_id>/<chrootname>")
@takes(query="build_id chrootname")
def get_build_config(build_id: Id = None, chrootname: str | None = None) -> Any:
    """Return the build configuration of one chroot of a build.

    :param build_id: id of the build, from the old URL; None to take it from the query.
    :param chrootname: name of the chroot, from the old URL; None to take it from the query.
    :returns: the build configuration.
    :raises Invalid: a query argument is missing.
    :raises NotFound: the build does not exist, or does not have this chroot.
    :raises Crash: the chroot name is malformed.
    :source: ``GET /api_3/build-chroot/build-config``,
        ``GET /api_3/build-chroot/build-config/{build_id}/{chrootname}``
    """
    asked_for = _asked_for(build_id, chrootname)
    with reading() as tx:
        return build_config.of_build(tx, _chroot(tx, *asked_for))


@api.get("/build-chroot/built-packages")
@api.get("/build-chroot/built-packages/<int:build_id>/<chrootname>")
@takes(query="build_id chrootname")
def get_chroot_packages(build_id: Id = None, chrootname: str | None = None) -> Any:
    """Return the packages that were built in one chroot of a build.

    :param build_id: id of the build, from the old URL; None to take it from the query.
    :param chrootname: name of the chroot, from the old URL; None to take it from the query.
    :returns: the list of packages, under `packages`.
    :raises Invalid: a query argument is missing.
    :raises NotFound: the build does not exist, or does not have this chroot.
    :raises Crash: the chroot name is malformed.
    :source: ``GET /api_3/build-chroot/built-packages``,
        ``GET /api_3/build-chroot/built-packages/{build_id}/{chrootname}``
    """
    asked_for = _asked_for(build_id, chrootname)
    with reading() as tx:
        return render.built_packages(_chroot(tx, *asked_for))
