"""The monitor: the state of the newest build of each package in each chroot of a project directory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, MockChroot, Package, Project, ProjectDir
from .errors import NotFound


@dataclass(frozen=True)
class Newest:
    """The newest build of a package in one chroot.

    :param build_id: id of the build.
    :param chroot: name of the chroot.
    :param state: state of the build in this chroot.
    :param version: version with the release, such as `1.0-1`; None while the build has no source RPM.
    :param was_started: True if the build has started in this chroot.
    """

    build_id: int
    chroot: str
    state: str
    version: str | None
    was_started: bool


def directory(project: Project, name: str | None) -> ProjectDir:
    """Return a directory of a project.

    :param project: the project.
    :param name: name of the directory; None for the main directory.
    :returns: the directory.
    :raises NotFound: the project has no directory with this name.
    """
    wanted = name or project.name
    for found in project.dirs:
        if found.name == wanted:
            return found
    raise NotFound(f"Dirname '{wanted}' doesn't exist in '{project.full_name}' copr")


def newest(
    tx: Transaction, directory: ProjectDir, package_ids: Collection[int] | None = None
) -> Mapping[str, list[Newest]]:
    """Return the newest builds of all packages in a project directory.

    Chroots that the project does not build for are left out, and so are packages without a build in one of
    the others.

    :param tx: transaction to read in.
    :param directory: the project directory.
    :param package_ids: ids of the packages to return; None for all packages of the directory.
    :returns: for each package name the newest build in each chroot, sorted by package and chroot name.
    """
    names = [chroot.name for chroot in directory.project.chroots]
    newest_id = (
        select(Build.id)
        .where(Build.package_id == Package.id, Build.dir_id == directory.id)
        .where(Build.chroots.any(BuildChroot.name == MockChroot.name))
        .order_by(Build.id.desc())
        .limit(1)
        .correlate(Package, MockChroot)
        .scalar_subquery()
    )
    # SQLite looks each of them up in an index; it would read all builds to group them.
    packages = (
        select(Package.name.label("package"), MockChroot.name, newest_id.label("build_id"))
        .join(MockChroot, MockChroot.name.in_(names))
        .where(Package.project_id == directory.project_id)
    )
    if package_ids is not None:
        packages = packages.where(Package.id.in_(package_ids))
    latest = packages.subquery()
    rows = tx.session.execute(
        select(
            latest.c.package,
            Build.id,
            Build.version,
            BuildChroot.name,
            BuildChroot.state,
            BuildChroot.started_on,
        )
        .select_from(latest)
        .join(Build, Build.id == latest.c.build_id)
        .join(
            BuildChroot,
            (BuildChroot.build_id == latest.c.build_id) & (BuildChroot.name == latest.c.name),
        )
        .order_by(latest.c.package, BuildChroot.name)
    )
    found: dict[str, list[Newest]] = {}
    for row in rows:
        seen = Newest(row.id, row.name, row.state, row.version, row.started_on is not None)
        found.setdefault(row.package, []).append(seen)
    return found
