"""Builds: find, list, cancel, delete. `submission` has new ones, `queue` what builders do with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, Package, Project, User
from . import (
    build_deletion,
    build_listing,
    chroots,
    listing,
    permissions,
    results,
    states,
)
from .errors import Conflict, Forbidden, NotFinished, NotFound

# Clients poll builds more than anything else, so one query loads all that a response shows.
_WHOLE = (
    joinedload(Build.project, innerjoin=True),
    joinedload(Build.dir, innerjoin=True),
    joinedload(Build.user),
    joinedload(Build.package),
    joinedload(Build.chroots),
)


def get(tx: Transaction, build_id: int) -> Build:
    """Return a build.

    :param tx: transaction to read in.
    :param build_id: id of the build.
    :returns: the build.
    :raises NotFound: no build has this id.
    """
    build = find(tx, build_id)
    if build is None:
        raise NotFound(f"Build {build_id} does not exist.")
    return build


def of_project(tx: Transaction, project: Project, build_id: int) -> Build:
    """Return a build of a project.

    :param tx: transaction to read in.
    :param project: the project.
    :param build_id: id of the build.
    :returns: the build.
    :raises NotFound: no build has this id, or it belongs to another project.
    """
    build = get(tx, build_id)
    if build.project_id != project.id:
        raise NotFound(f"Build {build_id} does not belong to {project.full_name}.")
    return build


def find(tx: Transaction, build_id: int) -> Build | None:
    """Return a build, if it exists.

    :param tx: transaction to read in.
    :param build_id: id of the build; any number.
    :returns: the build; None if no build has this id.
    """
    return tx.session.get(Build, build_id, options=_WHOLE) if abs(build_id) <= listing.LARGEST else None


def some(tx: Transaction, build_ids: Select[Any] | Collection[int]) -> Sequence[Build]:
    """Return several builds.

    :param tx: transaction to read in.
    :param build_ids: their ids, or a query that selects ids; ids that do not exist are left out.
    :returns: the builds, in no particular order.
    """
    return tx.session.scalars(select(Build).where(Build.id.in_(build_ids)).options(*_WHOLE)).unique().all()


def in_order(tx: Transaction, build_ids: Sequence[int]) -> list[Build]:
    """Return builds in the order of their ids in a list.

    :param tx: transaction to read in.
    :param build_ids: ids of builds that exist.
    :returns: the builds.
    """
    found = {build.id: build for build in some(tx, build_ids)}
    return [found[build_id] for build_id in build_ids]


def in_list(
    tx: Transaction,
    project: Project,
    page: listing.Page,
    package: str | None = None,
    state: str | None = None,
) -> Sequence[Build]:
    """Return the builds of a project, newest first.

    :param tx: transaction to read in.
    :param project: the project.
    :param page: limit and offset, see `build_listing.query`.
    :param package: name of the only package to list; None for all.
    :param state: the only state to list; None for all.
    :returns: the builds of the page.
    :raises CannotOrder: builds cannot be sorted by the order of the page.
    """
    query: Select[Any] = build_listing.query(project, page, package, state)
    options = (
        joinedload(Build.package),
        joinedload(Build.user),
        joinedload(Build.dir, innerjoin=True),
        selectinload(Build.chroots),
    )
    return tx.session.scalars(query.options(*options)).all()


def get_chroot(tx: Transaction, build: Build, name: str) -> BuildChroot:
    """Return one chroot of a build.

    :param tx: transaction to read in.
    :param build: the build.
    :param name: name of the chroot.
    :returns: the chroot of the build.
    :raises UnknownChroot: the name is not a valid chroot name.
    :raises NotFound: the chroot does not exist, or the build does not have it.
    """
    for chroot in build.chroots:
        if chroot.name == name:
            return chroot
    chroots.check_name(name)
    if chroots.find(tx, name) is None:
        raise NotFound(f"Chroot {name} does not exist")
    raise NotFound(f"Build {build.id} was not submitted to {name} chroot.")


def chroots_in_list(tx: Transaction, build_id: int, page: listing.Page) -> Sequence[BuildChroot]:
    """Return the chroots of a build.

    :param tx: transaction to read in.
    :param build_id: id of the build.
    :param page: limit, offset and order; chroots with equal values are sorted by name.
    :returns: the chroots of the page; an empty list if the build does not exist.
    :raises CannotOrder: chroots cannot be sorted by the order of the page.
    """
    order = listing.order(page, BuildChroot, "build_chroot")
    if abs(build_id) > listing.LARGEST:
        return []
    query = select(BuildChroot).where(BuildChroot.build_id == build_id)
    query = query.order_by(order, BuildChroot.name)
    return tx.session.scalars(listing.cut(query, page)).all()


def cancel(tx: Transaction, caller: User, build: Build) -> None:
    """Cancel a build. Builders stop its running steps soon after.

    :param tx: transaction to write in.
    :param caller: user who sent the request.
    :param build: build to cancel.
    :raises Forbidden: the user may not cancel it.
    :raises Conflict: it has finished.
    """
    permissions.check_cancel(caller, build)
    if build.state in states.FINISHED:
        raise Conflict(f"Cannot cancel build {build.id}")
    if build.source_state != "succeeded":
        was_queued = build.source_state == "pending"
        states.source_step(tx, build, "canceled")
        if was_queued:
            results.discard_upload(tx, build)
    for chroot in build.chroots:
        if chroot.state not in states.FINISHED:
            states.chroot_step(tx, chroot, "canceled")
    step_ended(tx, build)


def step_ended(tx: Transaction, build: Build) -> None:
    """Delete old builds of the package if the last step of a build has finished.

    :param tx: transaction to write in.
    :param build: build of the step that has just finished.
    """
    if build.package is not None and build.state in states.FINISHED:
        keep_newest(tx, build.package)


def delete(tx: Transaction, caller: User, build: Build) -> None:
    """Delete a build and its results.

    :param tx: transaction to write in; the files are removed after its commit.
    :param caller: user who sent the request.
    :param build: build to delete.
    :raises Forbidden: the user may not delete it, or its project is protected against deletion.
    :raises NotFinished: it has not finished.
    """
    if not build_deletion.may_delete(caller, build.project):
        raise Forbidden(f"User '{caller.name}' doesn't have permissions to delete build {build.id}")
    if build.state not in states.FINISHED:
        raise NotFinished(f"User '{caller.name}' can not delete build {build.id}")
    build_deletion.discard_some(tx, select(Build.id).where(Build.id == build.id))


def keep_newest(tx: Transaction, package: Package) -> bool:
    """Delete finished builds of a package that are not among the newest `max_builds` of their directory.

    :param tx: transaction to write in; the files are removed after its commit.
    :param package: the package; if its `max_builds` is 0, all builds stay.
    :returns: True if there may be more of them than one transaction deletes.
    """
    if not package.max_builds:
        return False
    place = func.row_number().over(partition_by=Build.dir_id, order_by=Build.id.desc()).label("place")
    ranked = select(Build.id, place).where(Build.package_id == package.id).subquery()
    surplus = (
        select(Build.id).join(ranked, ranked.c.id == Build.id).where(ranked.c.place > package.max_builds)
    )
    return build_deletion.discard_some(tx, surplus.where(Build.state.in_(states.FINISHED)))
