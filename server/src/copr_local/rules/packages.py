"""Packages: add, edit, list, reset, rebuild and delete them.

- A package is added by a user with a source for rebuilds, or by the first source RPM of its name. Then it has
  the source of that build. An upload or a URL cannot be rebuilt.
- Settings are passed as a mapping of columns of `Package` to values, which the API has checked.
- `max_builds` is counted in each directory of the project. The newest builds are kept, even if they failed. A
  build that has not finished is never deleted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from sqlalchemy import delete as delete_rows
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ..data.database import Transaction
from ..data.models import Build, Package, Project, ProjectDir, User
from . import build_deletion, builds, chroots, limits, listing, permissions, submission
from .errors import Conflict, Forbidden, Invalid, NotFound
from .sources import UNSET, Source

LONGEST_NAME = 100  # characters of a package's name
MOST_BUILDS = 100  # largest value of `max_builds`
AT_ONCE = 1000  # ids in one query; databases limit them
_NAME = r"^[-+_.a-zA-Z0-9]+$"
_PATTERN = r"^[a-z0-9-_*]+$"  # a pattern in a denylist of chroots
_FROM_A_WEBHOOK = frozenset({"tmp", "hook_data"})
_NOT_FOR_REBUILDS = frozenset({"unset", "link", "upload", "rpm_upload"})


def check_name(name: str) -> None:
    """Check the name of a package.

    :param name: the name from the request.
    :raises Invalid: it is empty or has other characters than letters, digits and ``-+_.``.
    """
    if not re.fullmatch(_NAME, name):
        raise Invalid(f"Please enter a valid package name in {_NAME}")


def check_denylist(tx: Transaction, denylist: str) -> None:
    """Check the chroot denylist of a package.

    :param tx: transaction to read from.
    :param denylist: patterns such as ``fedora-*``, separated by commas.
    :raises Invalid: a pattern has invalid characters, or matches none of the chroots that this Copr offers.
    """
    names = chroots.active_names(tx)
    for pattern in _patterns(denylist):
        if not re.fullmatch(_PATTERN, pattern):
            raise Invalid(f'Pattern "{pattern}" does not match "{_PATTERN}"')
        if not any(fnmatchcase(name, pattern) for name in names):
            raise Invalid(f'no chroot matched by pattern "{pattern}"')


def check_edit(caller: User, project: Project) -> None:
    """Check that a user may add and edit packages of a project.

    :param caller: user who sent the request.
    :param project: project of the packages.
    :raises Forbidden: the caller may not change the project.
    """
    if not permissions.can_edit(caller, project):
        raise Forbidden("You are not allowed to add or edit packages in this copr.")


def find(tx: Transaction, project: Project, name: str | None) -> Package | None:
    """Return a package of a project, if it exists.

    :param tx: transaction to read from.
    :param project: project to search in.
    :param name: name of the package.
    :returns: the package; None if the project has no package of this name.
    """
    query = select(Package).where(Package.project_id == project.id, Package.name == name)
    return tx.session.scalar(query)


def get(tx: Transaction, project: Project, name: str | None) -> Package:
    """Return a package of a project.

    :param tx: transaction to read from.
    :param project: project to search in.
    :param name: name of the package.
    :returns: the package.
    :raises NotFound: the project has no package of this name.
    """
    package = find(tx, project, name)
    if package is None:
        raise NotFound(f"No package with name {name} in copr {project.name}")
    return package


def in_list(tx: Transaction, project: Project, page: listing.Page) -> Sequence[Package]:
    """Return one page of the packages of a project.

    :param tx: transaction to read from.
    :param project: project of the packages.
    :param page: the rows to return, and their order.
    :returns: the packages, in the order of the page.
    :raises CannotOrder: packages cannot be sorted by this property.
    """
    order = listing.order(page, Package, "package")
    query = select(Package).where(Package.project_id == project.id)
    query = query.order_by(order, Package.id)
    return tx.session.scalars(listing.cut(query, page)).all()


def search(tx: Transaction, words: str, page: listing.Page) -> Sequence[Package]:
    """Return one page of the packages of all projects that have all words in their name.

    :param tx: transaction to read from.
    :param words: the words, separated by white space; upper and lower case are the same.
    :param page: limit and offset; the order is by name.
    :returns: the packages, with their projects.
    :raises Invalid: the text or one of its words is too long.
    """
    limits.check("characters in a search", len(words))
    limits.check("words in a search", len(words.split()))
    query = (
        select(Package)
        .where(*(Package.name.icontains(word, autoescape=True) for word in words.split()))
        .options(joinedload(Package.project, innerjoin=True))
        .order_by(Package.name, Package.id)
    )
    return tx.session.scalars(listing.cut(query, page)).all()


def newest_builds(
    tx: Transaction,
    packages: Collection[Package],
    state: str | None = None,
    *,
    directory: ProjectDir | None = None,
) -> dict[int, Build]:
    """Return the newest build of each package.

    :param tx: transaction to read from.
    :param packages: packages to search for.
    :param state: count only builds in this state; None for all.
    :param directory: count only builds in this directory; None for all.
    :returns: builds by the ids of their packages; packages without such a build are left out.
    """
    newest = select(func.max(Build.id)).group_by(Build.package_id)
    if state is not None:
        newest = newest.where(Build.state == state)
    if directory is not None:
        newest = newest.where(Build.dir_id == directory.id)
    ids = [package.id for package in packages]
    found: dict[int, Build] = {}
    for start in range(0, len(ids), AT_ONCE):
        some = newest.where(Build.package_id.in_(ids[start : start + AT_ONCE]))
        found.update({build.package_id: build for build in builds.some(tx, some) if build.package_id})
    return found


def add(
    tx: Transaction,
    caller: User,
    project: Project,
    name: str,
    source: Source,
    settings: Mapping[str, Any] | None = None,
) -> Package:
    """Add a package to a project.

    :param tx: transaction to write in.
    :param caller: user who sent the request.
    :param project: project of the new package.
    :param name: name of the new package.
    :param source: source of its rebuilds; `UNSET` for none.
    :param settings: values of other columns of `Package`.
    :returns: the new package.
    :raises Forbidden: the caller may not change the project.
    :raises Invalid: the name is not valid.
    :raises Conflict: the project has a package of this name.
    """
    check_edit(caller, project)
    check_name(name)
    if find(tx, project, name) is not None:
        raise Conflict(f"Package {name} already exists in copr {project.full_name}.")
    package = Package(project=project, name=name, **(settings or {}))
    _set_source(package, source)
    tx.session.add(package)
    tx.session.flush()
    return package


def edit(
    tx: Transaction,
    caller: User,
    package: Package,
    source: Source,
    settings: Mapping[str, Any] | None = None,
) -> None:
    """Replace the source of a package, and change settings.

    If `max_builds` is exceeded now, old builds are deleted.

    :param tx: transaction to write in; those that follow it delete the rest of many old builds.
    :param caller: user who sent the request.
    :param package: package to change.
    :param source: new source of its rebuilds.
    :param settings: new values of other columns of `Package`.
    :raises Forbidden: the caller may not change the project.
    """
    check_edit(caller, package.project)
    _set_source(package, source)
    for column, value in (settings or {}).items():
        setattr(package, column, value)
    _keep_newest(tx, package.id)


def _keep_newest(tx: Transaction, package_id: int) -> None:
    """Delete surplus builds of a package; if they are many, the next transaction continues."""
    package = tx.session.get(Package, package_id)
    if package is not None and builds.keep_newest(tx, package):
        tx.then(partial(_keep_newest, package_id=package_id))


def reset(tx: Transaction, caller: User, package: Package) -> None:
    """Remove the source of a package; it cannot be rebuilt until it gets a new one.

    :param tx: transaction to write in.
    :param caller: user who sent the request.
    :param package: package to reset.
    :raises Forbidden: the caller may not change the project.
    """
    if not permissions.can_edit(caller, package.project):
        raise Forbidden(f"You are not allowed to reset package `{package.id}`.")
    _set_source(package, UNSET)


def delete(tx: Transaction, caller: User, package: Package) -> None:
    """Delete a package, its builds and their results.

    :param tx: transaction to write in; files are removed after its commit. If the package has many builds,
        those that follow it delete the rest, and the package at the end.
    :param caller: user who sent the request.
    :param package: package to delete.
    :raises Forbidden: the caller may not change the project.
    :raises Invalid: a build of it has not finished, or the project is protected and the package has builds.
    """
    if not permissions.can_edit(caller, package.project):
        raise Forbidden(f"You are not allowed to delete package `{package.id}`.")
    build_ids = select(Build.id).where(Build.package_id == package.id).order_by(Build.id)
    if package.project.persistent or build_deletion.unfinished(tx, Build.package_id == package.id):
        build_deletion.check_deletion(tx, caller, tx.session.scalars(build_ids).all())
    _empty(tx, package.id)


def _empty(tx: Transaction, package_id: int) -> None:
    """Delete some builds of a package, and the package after its last one.

    :raises Invalid: a build was submitted meanwhile.
    """
    of_package = Build.package_id == package_id
    if running := build_deletion.unfinished(tx, of_package):
        raise Invalid(build_deletion.still_running(running))
    if build_deletion.discard_some(tx, select(Build.id).where(of_package)):
        tx.then(partial(_empty, package_id=package_id))
    else:
        tx.session.execute(delete_rows(Package).where(Package.id == package_id))


def check_source(package: Package) -> None:
    """Check that a package has a source that can be rebuilt.

    :param package: package to rebuild.
    :raises Invalid: it has no source, or an upload or a URL as its source.
    """
    if package.source_type in _NOT_FOR_REBUILDS:
        raise Invalid(
            f"Package 'Unset default source for package {package.name}' doesn't have the default source"
            " method set, but it is required for the rebuild request.  Please configure some source  method"
            " first"
        )


def rebuild(
    tx: Transaction,
    caller: User | None,
    package: Package,
    directory: ProjectDir,
    options: submission.Options,
    parameters: Mapping[str, Any] | None = None,
) -> Build:
    """Build a package from its source.

    Options that set no chroots or no timeout get those of the package.

    :param tx: transaction to write in.
    :param caller: user who sent the request; None for a webhook, which is authenticated by the project's
        secret.
    :param package: package to build.
    :param directory: directory of its project for the results.
    :param options: options of the new build.
    :param parameters: source parameters that differ in this build.
    :returns: the new build, which waits for a builder.
    :raises Forbidden: the caller may not build in the project, or the forge project may not.
    :raises Invalid: the package cannot be rebuilt, the project has no chroots, or the build cannot join or
        follow the requested one.
    """
    new = prepare_rebuild(tx, caller, package, directory, options, parameters)
    return builds.get(tx, submission.add(tx, caller, package.project, [new], options)[0])


def prepare_rebuild(
    tx: Transaction,
    caller: User | None,
    package: Package,
    directory: ProjectDir,
    options: submission.Options,
    parameters: Mapping[str, Any] | None = None,
) -> submission.NewBuild:
    """Return a new build of a package, which `submission.add` stores.

    :param tx: transaction to read from.
    :param caller: user who sent the request; None for a webhook.
    :param package: package to build.
    :param directory: directory of its project for the results.
    :param options: options of the new build, but not its batch.
    :param parameters: source parameters that differ in this build.
    :returns: the new build.
    :raises Forbidden: the caller may not build in the project.
    :raises Invalid: the package cannot be rebuilt.
    """
    check_source(package)
    if caller is not None and not permissions.can_build(caller, package.project):
        raise Forbidden("You don't have permissions to build in this copr.")
    names = chroots_of(package) if options.chroots is None else options.chroots
    wanted = replace(options, chroots=names, timeout=options.timeout or package.timeout)
    source = Source(package.source_type, {**package.source, **(parameters or {})})
    return submission.prepare(tx, caller, directory, source, wanted, package)


def of_build(tx: Transaction, build: Build, name: str) -> Package:
    """Return the package that a source RPM belongs to; make a new one if the project has none of its name.

    A new package gets the source of the build, without the data that a webhook sent for this build only.

    :param tx: transaction to read from.
    :param build: build that made the source RPM.
    :param name: name in the source RPM.
    :returns: the package; a new one is not yet added to the session.
    """
    known = find(tx, build.project, name)
    omitted = _FROM_A_WEBHOOK if "hook_data" in build.source else frozenset()
    source = {key: value for key, value in build.source.items() if key not in omitted}
    return known or Package(project=build.project, name=name, source_type=build.source_type, source=source)


def chroots_of(package: Package) -> list[str]:
    """Return the chroots that a package is built for by default.

    A denylist that matches all chroots is ignored, as in the real Copr frontend.

    :param package: package to build.
    :returns: names of the project's chroots that the denylist does not match.
    """
    names = [chroot.name for chroot in package.project.chroots]
    return [name for name in names if not _is_denied(package.chroot_denylist or "", name)] or names


def _is_denied(denylist: str, chroot: str) -> bool:
    """Return True if a pattern of a denylist matches a chroot."""
    return any(fnmatchcase(chroot, pattern) for pattern in _patterns(denylist))


def _patterns(denylist: str) -> list[str]:
    """Return the patterns of a denylist."""
    return [pattern.strip() for pattern in denylist.split(",") if pattern.strip()]


def _set_source(package: Package, source: Source) -> None:
    """Store a source in the columns of a package."""
    package.source_type, package.source = source.type, dict(source.parameters)
