"""Packages: added, changed, listed, reset, rebuilt, deleted.

- A package is added with the source that rebuilds of it are made from, or it comes into being with the first
  source RPM of its name, and then has that build's source. An upload or a URL cannot be built again.
- Settings are passed as a mapping from columns of `Package` to values that the wire has checked.
- `max_builds` holds for each of the project's folders. The newest builds are kept, whatever came of them;
  what is not over yet is never deleted.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import func, select

from ..data.database import Transaction
from ..data.models import Build, Package, Project, ProjectDir, User
from . import builds, chroots, listing, permissions
from .errors import Conflict, Forbidden, Invalid, NotFound
from .sources import UNSET, Source

LONGEST_NAME = 100  # letters of a package's name
MOST_BUILDS = 100  # that `max_builds` may keep
AT_ONCE = 1000  # numbers in one query; databases have limits
_NAME = r"^[-+_.a-zA-Z0-9]+$"
_PATTERN = r"^[a-z0-9-_*]+$"  # of chroots
_FROM_A_WEBHOOK = frozenset({"tmp", "hook_data"})
_NOT_FOR_REBUILDS = frozenset({"unset", "link", "upload", "rpm_upload"})


def check_name(name: str) -> None:
    """:raises Invalid: not a name for a package."""
    if not re.fullmatch(_NAME, name):
        raise Invalid(f"Please enter a valid package name in {_NAME}")


def check_denylist(tx: Transaction, denylist: str) -> None:
    """:raises Invalid: a pattern is none, or matches no chroot on offer."""
    names = chroots.active_names(tx)
    for pattern in _patterns(denylist):
        if not re.fullmatch(_PATTERN, pattern):
            raise Invalid(f'Pattern "{pattern}" does not match "{_PATTERN}"')
        if not any(fnmatchcase(name, pattern) for name in names):
            raise Invalid(f'no chroot matched by pattern "{pattern}"')


def check_edit(caller: User, project: Project) -> None:
    """:raises Forbidden: the caller may not add packages to the project, and not change them."""
    if not permissions.can_edit(caller, project):
        raise Forbidden("You are not allowed to add or edit packages in this copr.")


def find(tx: Transaction, project: Project, name: str | None) -> Package | None:
    """A package of a project, if there is one of that name."""
    query = select(Package).where(Package.project_id == project.id, Package.name == name)
    return tx.session.scalar(query)


def get(tx: Transaction, project: Project, name: str | None) -> Package:
    """A package of a project.

    :raises NotFound: there is none of that name.
    """
    package = find(tx, project, name)
    if package is None:
        raise NotFound(f"No package with name {name} in copr {project.name}")
    return package


def in_list(tx: Transaction, project: Project, page: listing.Page) -> Sequence[Package]:
    """The packages of a project.

    :raises CannotOrder: they cannot be sorted as asked.
    """
    column = listing.column(page, Package, "package")
    query = select(Package).where(Package.project_id == project.id)
    query = query.order_by(column.desc() if page.descending else column, Package.id)
    return tx.session.scalars(listing.cut(query, page)).all()


def newest_builds(
    tx: Transaction,
    packages: Collection[Package],
    state: str | None = None,
    *,
    directory: ProjectDir | None = None,
) -> dict[int, Build]:
    """The newest build of each package, by the package's id: of those in one state or folder, or of all."""
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

    :raises Forbidden: the caller may not.
    :raises Invalid: it is not a name for a package.
    :raises Conflict: the project has a package of that name.
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
    """Give a package another source, and change settings.

    :raises Forbidden: the caller may not.
    """
    check_edit(caller, package.project)
    _set_source(package, source)
    for column, value in (settings or {}).items():
        setattr(package, column, value)
    builds.keep_newest(tx, package)


def reset(tx: Transaction, caller: User, package: Package) -> None:
    """Take a package's source away; it cannot be rebuilt until it gets another one.

    :raises Forbidden: the caller may not.
    """
    if not permissions.can_edit(caller, package.project):
        raise Forbidden(f"You are not allowed to reset package `{package.id}`.")
    _set_source(package, UNSET)


def delete(tx: Transaction, caller: User, package: Package) -> None:
    """Delete a package, its builds and their results.

    :raises Forbidden: the caller may not.
    :raises Invalid: builds of it are not over yet.
    """
    if not permissions.can_edit(caller, package.project):
        raise Forbidden(f"You are not allowed to delete package `{package.id}`.")
    build_ids = select(Build.id).where(Build.package_id == package.id).order_by(Build.id)
    builds.delete_many(tx, caller, tx.session.scalars(build_ids).all())
    tx.session.delete(package)
    tx.session.flush()


def check_source(package: Package) -> None:
    """:raises Invalid: the package has no source that can be built again."""
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
    options: builds.Options,
    parameters: Mapping[str, Any] | None = None,
) -> Build:
    """Build a package from its source, into a folder of its project.

    The package's own timeout and denylist count where the options say nothing.

    :param caller: None for a webhook, which knew the project's secret.
    :param parameters: those of the source that are different this time.
    :raises Forbidden: the caller may not build there.
    :raises Invalid: the package has no source, or the build to follow or to join does not allow that.
    """
    check_source(package)
    if caller is not None and not permissions.can_build(caller, package.project):
        raise Forbidden("You don't have permissions to build in this copr.")
    names = chroots_of(package) if options.chroots is None else options.chroots
    wanted = replace(options, chroots=names, timeout=options.timeout or package.timeout)
    source = Source(package.source_type, {**package.source, **(parameters or {})})
    build = builds.submit(tx, caller, directory, source, wanted)
    build.package = package
    return build


def of_build(tx: Transaction, build: Build, name: str) -> Package:
    """The package that a source RPM's name stands for, made from the build if the project has none.

    What a webhook was sent is for its build alone, and no part of the package's source.
    """
    known = find(tx, build.project, name)
    omitted = _FROM_A_WEBHOOK if "hook_data" in build.source else frozenset()
    source = {key: value for key, value in build.source.items() if key not in omitted}
    return known or Package(project=build.project, name=name, source_type=build.source_type, source=source)


def chroots_of(package: Package) -> list[str]:
    """The chroots of its project that a package is built for where none are asked for.

    A denylist that would leave none is a mistake and does not count, as in the original.
    """
    names = [chroot.name for chroot in package.project.chroots]
    return [name for name in names if not _is_denied(package.chroot_denylist or "", name)] or names


def _is_denied(denylist: str, chroot: str) -> bool:
    return any(fnmatchcase(chroot, pattern) for pattern in _patterns(denylist))


def _patterns(denylist: str) -> list[str]:
    return [pattern.strip() for pattern in denylist.split(",") if pattern.strip()]


def _set_source(package: Package, source: Source) -> None:
    package.source_type, package.source = source.type, dict(source.parameters)
