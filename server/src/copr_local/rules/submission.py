"""Submissions of builds. A request may have a thousand of them, so rows are written all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from ..data.database import Transaction
from ..data.models import Batch, Build, BuildChroot, Package, Project, ProjectDir, User
from . import builds, limits, permissions, sources, states, turns
from .errors import Forbidden, Invalid, enumerated
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


@dataclass(frozen=True)
class NewBuild:
    """A build that is not stored yet.

    :param columns: values of columns of `Build`.
    :param chroots: names of its chroots; if empty, they are chosen when its source RPM exists.
    """

    columns: Mapping[str, Any]
    chroots: Sequence[str]


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
    return builds.get(tx, submit_many(tx, caller, directory, [source], options)[0])


def submit_many(
    tx: Transaction, caller: User | None, directory: ProjectDir, origins: Sequence[Source], options: Options
) -> Sequence[int]:
    """Submit a build of each source to a project directory, as `submit` does.

    :param tx: transaction to write in.
    :param caller: user who sent the request; None for a webhook.
    :param directory: project directory for the results.
    :param origins: the sources to build from.
    :param options: of each build.
    :returns: ids of the new builds, in the order of the sources.
    :raises Forbidden: the user may not submit them, see `check_submission`.
    :raises Invalid: the project has no active chroots, the builds have too many chroots together, or a batch
        is not possible, see `check_batch`.
    """
    limits.check("chroots of new builds", len(origins) * len(set(options.chroots or ())))
    new = [prepare(tx, caller, directory, source, options) for source in origins]
    return add(tx, caller, directory.project, new, options)


def prepare(
    tx: Transaction,
    caller: User | None,
    directory: ProjectDir,
    source: Source,
    options: Options,
    package: Package | None = None,
) -> NewBuild:
    """Return a new build, which `add` stores.

    :param tx: transaction to read from.
    :param caller: user who sent the request; None for a webhook.
    :param directory: project directory for the results.
    :param source: source to build from.
    :param options: of the build, but not its batch.
    :param package: package of the build; None if its source RPM will tell.
    :returns: the new build.
    """
    project = directory.project
    columns = {
        "project_id": project.id,
        "dir_id": directory.id,
        "package_id": package.id if package else None,
        "user_id": caller.id if caller else None,
        "submitted_on": tx.now,
        "source_type": source.type,
        "source": dict(sources.of_build(tx, source, reviewed=project.fedora_review)),
        "timeout": options.timeout or tx.default_timeout,
        "is_background": options.is_background,
        "enable_net": project.enable_net if options.enable_net is None else options.enable_net,
        "bootstrap": options.bootstrap,
        "isolation": options.isolation,
    }
    return NewBuild(columns, sorted(set(options.chroots or ())))


def add(
    tx: Transaction, caller: User | None, project: Project, new: Sequence[NewBuild], options: Options
) -> Sequence[int]:
    """Store new builds of a project.

    :param tx: transaction to write in.
    :param caller: user who sent the request; None for a webhook, whose builds join and follow no batch.
    :param project: project of the builds.
    :param new: the builds.
    :param options: their batch.
    :returns: their ids, in the same order.
    :raises Forbidden: the user may not submit them, see `check_submission`.
    :raises Invalid: the project has no active chroots, or a batch is not possible, see `check_batch`.
    """
    if not project.chroots:
        raise Invalid(f"Can't create build - project {project.full_name} has no active chroots")
    if caller is not None:
        check_submission(caller, project, options)
    if not new:
        return []
    batches = [None] * len(new) if caller is None else _batches(tx, caller, len(new), options)
    turns.enter(tx, project.id)
    rows = [{**build.columns, "batch_id": batch} for build, batch in zip(new, batches, strict=True)]
    ids = tx.session.scalars(insert(Build).returning(Build.id, sort_by_parameter_order=True), rows).all()
    chroots = [
        {
            "build_id": build_id,
            "name": name,
            "state": "waiting",
            "project_id": project.id,
            "is_background": build.columns["is_background"],
        }
        for build_id, build in zip(ids, new, strict=True)
        for name in build.chroots
    ]
    if chroots:
        tx.session.execute(insert(BuildChroot), chroots)
    return ids


def _batches(tx: Transaction, caller: User, count: int, options: Options) -> Sequence[int | None]:
    """Return the ids of the batches that so many new builds join: one for all, or new ones that follow it."""
    other = options.with_build_id or options.after_build_id
    if not other:
        return [None] * count
    batch = _batch_of(tx, caller, other, joins=bool(options.with_build_id))
    if options.with_build_id:
        return [batch.id] * count
    rows = [{"blocked_by_id": batch.id}] * count
    return tx.session.scalars(insert(Batch).returning(Batch.id, sort_by_parameter_order=True), rows).all()


def _batch_of(tx: Transaction, caller: User, build_id: int, *, joins: bool) -> Batch:
    """Return the batch of a build; a build without a batch gets a new one."""
    check_batch(tx, caller, build_id, joins)
    build = builds.get(tx, build_id)
    if build.batch is None:
        build.batch = Batch()
        tx.session.flush()
    return build.batch


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
    build = builds.find(tx, build_id)
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
