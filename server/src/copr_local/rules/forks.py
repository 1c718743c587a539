"""Forks: copies of a project that change independently of it.

A fork gets the project's settings, its chroots with their settings, its packages, and the newest published
build of each package in each chroot of the project's main directory. It does not get what belongs to the
owner (contact, roles, webhooks) or limits its lifetime (protection, expiry, automatic pruning).

Forking into a project that exists adds the packages and builds that it does not have yet. Files are linked
after the commit. Until then a forked build exists without its files, as in the real Copr frontend. Packages
are not signed again: the public keys of the signed ones are published in the fork too.

Packages are copied in pieces, each in a transaction of its own. If the process dies meanwhile, the fork has
some of them, and the same request adds the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, inspect, select

from ..data.database import Transaction
from ..data.models import Base, Build, BuildChroot, Package, Project, ProjectChroot, ProjectDir, User
from ..filesystem import public_keys
from . import builds, pieces, project_dirs, projects, results, states
from .errors import Invalid

_PROJECT = {"id", "name", "ownername", "user_id", "group_id", "contact", "persistent", "auto_prune"}
_PROJECT |= {"delete_after", "webhook_secret", "forked_from_id"}
_CLAIM = {"claim", "lease_until"}
_BUILD = {"id", "project_id", "dir_id", "package_id", "batch_id", "forked_from_id", *_CLAIM}
_CHROOT = {"build_id", "project_id", "state", *_CLAIM}
_PUBLISHED = ("succeeded", "forked")
PIECE = 25  # packages that one transaction copies with their builds, if they have few chroots


def fork(tx: Transaction, caller: User, source: Project, ownername: str, name: str) -> Project:
    """Fork a project into a new or existing project.

    :param tx: transaction to write in; the files of builds are linked after its commit, and the transactions
        that follow copy the other packages.
    :param caller: user who sent the request.
    :param source: project to copy.
    :param ownername: owner of the target: a user name, or `@` and a group name.
    :param name: name of the target; the project is added if it does not exist.
    :returns: the target.
    :raises NotFound: the owner does not exist.
    :raises Forbidden: the caller may not add projects for this owner.
    :raises Invalid: the source and the target are the same project.
    :raises OSError: the repositories or the keys of the target cannot be written.
    """
    owner, group = projects.check_owner(tx, caller, ownername)
    target = projects.find(tx, ownername, name)
    if target is None:
        target = _add(tx, source, name=name, ownername=ownername, user_id=owner.id, group=group)
    if target.id == source.id:
        raise Invalid("Source project should not be same as destination")
    _copy_some(tx, source.id, target.id)
    return target


def _copy_some(tx: Transaction, source_id: int, target_id: int, after: int = 0) -> None:
    """Copy some packages, those with the smallest ids above `after`; the next transaction continues."""
    source, target = tx.session.get(Project, source_id), tx.session.get(Project, target_id)
    if source is None or target is None:  # it was deleted meanwhile
        return
    piece = pieces.size(PIECE, len(target.chroots))
    query = select(Package).where(Package.project_id == source_id, Package.id > after)
    some = tx.session.scalars(query.order_by(Package.id).limit(piece)).all()
    _fork_builds(tx, source, target, _fork_packages(tx, some, target))
    if len(some) == piece:
        tx.then(partial(_copy_some, source_id=source_id, target_id=target_id, after=some[-1].id))


def origin(tx: Transaction, project: Project) -> Project | None:
    """Return the project that a project was forked from.

    :param tx: transaction to read from.
    :param project: the fork.
    :returns: the project; None if it is not a fork, or if that project was deleted.
    """
    return tx.session.get(Project, project.forked_from_id) if project.forked_from_id else None


def of(tx: Transaction, project: Project) -> Sequence[Project]:
    """Return the forks of a project.

    :param tx: transaction to read from.
    :param project: the project.
    :returns: the forks, oldest first.
    """
    query = select(Project).where(Project.forked_from_id == project.id).order_by(Project.id)
    return tx.session.scalars(query).all()


def _add(tx: Transaction, source: Project, **whose: Any) -> Project:
    """Add a project with the settings and chroots of another project, without its packages and builds."""
    target = Project(**_columns(source, _PROJECT), **whose, forked_from_id=source.id)
    tx.session.add(target)
    tx.session.flush()
    target.dirs.append(ProjectDir(name=target.name))
    target.all_chroots.extend(
        ProjectChroot(**_columns(chroot, {"id", "project_id"})) for chroot in source.chroots
    )
    tx.session.flush()
    project_dirs.make_repositories(tx, target.dirs[0])
    return target


def _columns(row: Base, without: Collection[str]) -> dict[str, Any]:
    """Return the columns of a row, for its copy."""
    names = (attribute.key for attribute in inspect(type(row)).column_attrs)
    return {name: getattr(row, name) for name in names if name not in without}


def _fork_packages(tx: Transaction, some: Collection[Package], target: Project) -> dict[int, Package]:
    """Add the packages that the target lacks; return its packages by the ids of the source's packages."""
    names = [package.name for package in some]
    query = select(Package).where(Package.project_id == target.id, Package.name.in_(names))
    known = {package.name: package for package in tx.session.scalars(query)}
    for package in some:
        if package.name not in known:
            copy = Package(**_columns(package, {"id", "project_id"}), project=target)
            tx.session.add(copy)
            known[package.name] = copy
    tx.session.flush()
    return {package.id: known[package.name] for package in some}


def _fork_builds(tx: Transaction, source: Project, target: Project, packages: dict[int, Package]) -> None:
    """Copy the newest builds that the target does not have, and update its repositories."""
    wanted = _newest(tx, source, target, packages)
    newest = sorted(builds.some(tx, wanted), key=lambda build: build.id)
    copies = {build: _copy(build, target, packages, wanted[build.id]) for build in newest}
    tx.session.add_all(copies.values())
    tx.session.flush()
    for build, copy in copies.items():
        _copy_results(tx, build, copy)
    if copies:
        public_keys.publish(_published_in(tx, source), _published_in(tx, target))
    for name in sorted({chroot for names in wanted.values() for chroot in names}):
        tx.update_repository(results.following(tx, target.main_dir, name))


def _copy(build: Build, target: Project, packages: dict[int, Package], chroots: Collection[str]) -> Build:
    """Return a copy of a build for another project, with only the given chroots."""
    assert build.package_id is not None
    copy = Build(
        **_columns(build, _BUILD),
        project=target,
        dir=target.main_dir,
        package=packages[build.package_id],
        forked_from_id=build.id,
    )
    copy.chroots = [
        BuildChroot(**_columns(chroot, _CHROOT), project_id=target.id, state="forked")
        for chroot in build.chroots
        if chroot.name in chroots
    ]
    states.settle(copy)
    return copy


def _newest(
    tx: Transaction, source: Project, target: Project, packages: dict[int, Package]
) -> dict[int, list[str]]:
    """Return the ids of the builds to copy, each with the chroots where it is the newest of its package."""
    chroots = [chroot.name for chroot in target.chroots]
    query = (
        select(func.max(Build.id), BuildChroot.name)
        .join(BuildChroot.build)
        .where(Build.dir_id == source.main_dir.id, Build.package_id.in_(packages))
        .where(BuildChroot.state.in_(_PUBLISHED), BuildChroot.name.in_(chroots))
        .group_by(Build.package_id, BuildChroot.name)
    )
    there = set(
        tx.session.execute(
            select(Build.forked_from_id, BuildChroot.name)
            .join(BuildChroot.build)
            .where(Build.package_id.in_([package.id for package in packages.values()]))
            .where(Build.forked_from_id.is_not(None))
        )
    )
    wanted: dict[int, list[str]] = defaultdict(list)
    for build_id, chroot in tx.session.execute(query):
        if (build_id, chroot) not in there:
            wanted[build_id].append(chroot)
    return wanted


def _published_in(tx: Transaction, project: Project) -> Path:
    """Return the folder of a project's main directory."""
    return tx.data_folder.directory(project.ownername, project.main_dir.name)


def _copy_results(tx: Transaction, build: Build, copy: Build) -> None:
    """Copy the files of a build once the transaction is committed."""
    tx.copy(results.of_source(tx, build), results.of_source(tx, copy))
    chroots = {chroot.name: chroot for chroot in build.chroots}
    for chroot in copy.chroots:
        tx.copy(results.of_chroot(tx, chroots[chroot.name]), results.of_chroot(tx, chroot))
