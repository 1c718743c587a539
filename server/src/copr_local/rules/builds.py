"""Builds: submit, find, list, cancel, delete. What builders do with them is in `rules.queue`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload, selectinload

from ..data.database import Transaction
from ..data.models import Batch, Build, BuildChroot, Package, Project, ProjectDir, User
from . import (
    build_deletion,
    build_listing,
    chroots,
    limits,
    listing,
    permissions,
    results,
    sources,
    states,
    turns,
)
from .errors import Conflict, Forbidden, Invalid, NotFinished, NotFound
from .sources import Source


@dataclass(frozen=True)
class Options:
    """Options of a new build.

    :param chroots: names of chroots; None for all that the project and the package build for.
    :param timeout: seconds; None for the timeout of the package, or else the default of the service.
    :param is_background: True to build after all other builds.
    :param enable_net: network access during the build; None for the setting of the project.
    :param bootstrap: setting of Mock; "unchanged" for that of the chroot or project.
    :param isolation: setting of Mock; "unchanged" for that of the chroot or project.
    :param after_build_id: id of a build; the new build waits until the batch of that build has finished.
    :param with_build_id: id of a build; the new build joins its batch.
    :param packit_forge_project: repository that Packit builds from; the project must allow it.
    """

    chroots: Sequence[str] | None = None
    timeout: int | None = None
    is_background: bool = False
    enable_net: bool | None = None
    bootstrap: str = "unchanged"
    isolation: str = "unchanged"
    after_build_id: int | None = None
    with_build_id: int | None = None
    packit_forge_project: str | None = None


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
    build = _find(tx, build_id)
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


def _find(tx: Transaction, build_id: int) -> Build | None:
    return tx.session.get(Build, build_id, options=_WHOLE) if abs(build_id) <= listing.LARGEST else None


def some(tx: Transaction, build_ids: Select[Any] | Collection[int]) -> Sequence[Build]:
    """Return several builds.

    :param tx: transaction to read in.
    :param build_ids: their ids, or a query that selects ids; ids that do not exist are left out.
    :returns: the builds, in no particular order.
    """
    return tx.session.scalars(select(Build).where(Build.id.in_(build_ids)).options(*_WHOLE)).unique().all()


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


def check_submission(caller: User, project: Project, options: Options) -> None:
    """Check that a user may submit a build.

    :param caller: user who sent the request.
    :param project: project to build in.
    :param options: of the build; only `packit_forge_project` is checked.
    :raises Forbidden: the user may not build in the project, or the project does not allow the repository.
    """
    if not permissions.can_build(caller, project):
        raise Forbidden(f"User {caller.name} is not allowed to build in the copr: {project.full_name}")
    forge = options.packit_forge_project
    if forge is not None and forge not in project.packit_forge_projects_allowed:
        raise Forbidden(f"Forge project {forge} can't build in this Copr via Packit.")


def submit(
    tx: Transaction, caller: User | None, directory: ProjectDir, source: Source, options: Options
) -> Build:
    """Submit a build to a project directory. It then waits for a builder.

    :param tx: transaction to write in.
    :param caller: user who sent the request; None for a webhook, which has checked the project's secret.
    :param directory: project directory for the results.
    :param source: source to build from.
    :param options: of the build; a webhook's build joins and follows no batch.
    :returns: the new build.
    :raises Forbidden: the user may not submit it, see `check_submission`.
    :raises Invalid: the project has no active chroots, or a batch is not possible, see `check_batch`.
    """
    return submit_many(tx, caller, directory, [source], options)[0]


def submit_many(
    tx: Transaction, caller: User | None, directory: ProjectDir, origins: Sequence[Source], options: Options
) -> list[Build]:
    """Submit a build of each source to a project directory, as `submit` does.

    :param tx: transaction to write in.
    :param caller: user who sent the request; None for a webhook.
    :param directory: project directory for the results.
    :param origins: the sources to build from.
    :param options: of each build.
    :returns: the new builds, in the order of the sources.
    :raises Forbidden: the user may not submit them, see `check_submission`.
    :raises Invalid: the project has no active chroots, the builds have too many chroots together, or a batch
        is not possible, see `check_batch`.
    """
    limits.check("chroots of new builds", len(origins) * len(set(options.chroots or ())))
    turns.enter(tx, directory.project.id)
    made = [prepare(tx, caller, directory, source, options) for source in origins]
    if caller is not None:
        set_batches(tx, caller, made, options)
    tx.session.flush()
    return made


def prepare(
    tx: Transaction, caller: User | None, directory: ProjectDir, source: Source, options: Options
) -> Build:
    """Add a build to the session, after `turns.enter`. It gets its id with the next flush.

    :param tx: transaction to write in.
    :param caller: user who sent the request; None for a webhook.
    :param directory: project directory for the results.
    :param source: source to build from.
    :param options: of the build, but not its batch.
    :returns: the new build.
    :raises Forbidden: the user may not submit it, see `check_submission`.
    :raises Invalid: the project has no active chroots.
    """
    project = directory.project
    if not project.chroots:
        raise Invalid(f"Can't create build - project {project.full_name} has no active chroots")
    if caller is not None:
        check_submission(caller, project, options)
    with tx.session.no_autoflush:
        build = Build(
            project=project,
            dir=directory,
            user=caller,
            submitted_on=tx.now,
            source_type=source.type,
            source=dict(sources.of_build(tx, source, reviewed=project.fedora_review)),
            timeout=options.timeout or tx.default_timeout,
            is_background=options.is_background,
            enable_net=project.enable_net if options.enable_net is None else options.enable_net,
            bootstrap=options.bootstrap,
            isolation=options.isolation,
        )
        build.chroots = chroots.of_build(build, sorted(set(options.chroots or ())))
        tx.session.add(build)
    return build


def set_batches(tx: Transaction, caller: User, made: Sequence[Build], options: Options) -> None:
    """Let new builds join a batch, or start batches of their own that follow one.

    :param tx: transaction to write in.
    :param caller: user who sent the request.
    :param made: the new builds; they need no ids yet.
    :param options: of the builds; without a batch in them, nothing changes.
    :raises Invalid: a batch is not possible, see `check_batch`.
    """
    other = options.with_build_id or options.after_build_id
    if not other:
        return
    joins = bool(options.with_build_id)
    with tx.session.no_autoflush:
        batch = _batch_of(tx, caller, other, joins=joins)
        for build in made:
            build.batch = batch if joins else Batch(blocked_by_id=batch.id)


def check_batch(tx: Transaction, caller: User, build_id: int, joins: bool) -> None:
    """Check that a new build may join the batch of another build, or wait for that batch.

    :param tx: transaction to read in.
    :param caller: user who sent the request.
    :param build_id: id of the other build.
    :param joins: True to join its batch, False to wait for it.
    :raises Invalid: the other build does not exist; or it has no batch and cannot get one, since it has
        finished or the user may not build in its project; or the new build cannot join, since the batch has
        finished or the user may not build in any of its projects.
    """
    build = _find(tx, build_id)
    if build is None:
        raise Invalid(f"Build {build_id} not found")
    if build.batch is None:
        _check_new_batch(caller, build)
    elif joins:
        _check_joined(tx, caller, build.batch)


def _check_new_batch(caller: User, build: Build) -> None:
    """Check that a build without a batch can get one."""
    reason = f"Build {build.id} is not yet in any batch, and"
    if not permissions.can_build(caller, build.project):
        raise Invalid(
            f"{reason} user '{caller.name}' doesn't have the build permissions in project"
            f" '{build.project.full_name}' to create a new one"
        )
    if build.state in states.FINISHED:
        raise Invalid(f"{reason} new batch can not be created because the build has already finished")


def _check_joined(tx: Transaction, caller: User, batch: Batch) -> None:
    """Check that a user may add a build to a batch."""
    members = tx.session.scalars(select(Build).where(Build.batch_id == batch.id).order_by(Build.id)).all()
    if members and all(build.state in states.FINISHED for build in members):
        raise Invalid(f"Batch {batch.id} is already finished")
    projects = list(dict.fromkeys(build.project for build in members))
    if projects and not any(permissions.can_build(caller, project) for project in projects):
        whose = enumerated("project", [project.full_name for project in projects])
        raise Invalid(
            f"The batch {batch.id} belongs to {whose}.  You are not allowed to build there, so you neither"
            " can edit the batch."
        )


def enumerated(what: str, names: Sequence[object]) -> str:
    """Return a list of things as text: `build 1`, `builds 1 and 2`, `builds 1, 2, and 3`.

    :param what: singular of the noun; an s makes it plural.
    :param names: names or ids of the things, at least one.
    :returns: the text.
    """
    *others, last = map(str, names)
    if not others:
        return f"{what} {last}"
    return f"{what}s {', '.join(others)}{',' if len(others) > 1 else ''} and {last}"


def _batch_of(tx: Transaction, caller: User, build_id: int, *, joins: bool) -> Batch:
    """Return the batch of a build; a build without a batch gets a new one."""
    check_batch(tx, caller, build_id, joins)
    build = get(tx, build_id)
    if build.batch is None:
        build.batch = Batch()
        tx.session.flush()
    return build.batch


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
