"""The monitor: for each package of a project's folder, and each chroot, what came of the newest build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from ..data.database import Transaction
from ..data.models import Build, BuildChroot, Package, Project, ProjectDir
from .errors import NotFound


@dataclass(frozen=True)
class Newest:
    """The newest build of a package in a chroot, and how far it came there; `version` has the release."""

    build_id: int
    chroot: str
    state: str
    version: str | None
    was_started: bool


def directory(project: Project, name: str | None) -> ProjectDir:
    """A folder of a project; None for its main one.

    :raises NotFound: the project has no folder of that name.
    """
    wanted = name or project.name
    for found in project.dirs:
        if found.name == wanted:
            return found
    raise NotFound(f"Dirname '{wanted}' doesn't exist in '{project.full_name}' copr")


def newest(tx: Transaction, directory: ProjectDir) -> Mapping[str, list[Newest]]:
    """What came of the newest builds in a folder, by the package's name, in the order of names.

    Only chroots count that the project builds for, and packages that were built for one of them.
    """
    names = [chroot.name for chroot in directory.project.chroots]
    latest = (
        select(func.max(BuildChroot.build_id).label("build_id"), BuildChroot.name, Build.package_id)
        .join(BuildChroot.build)
        .where(Build.project_id == directory.project_id, Build.dir_id == directory.id)
        .where(Build.package_id.is_not(None), BuildChroot.name.in_(names))
        .group_by(Build.package_id, BuildChroot.name)
        .subquery()
    )
    rows = tx.session.execute(
        select(
            Package.name.label("package"),
            Build.id,
            Build.version,
            BuildChroot.name,
            BuildChroot.state,
            BuildChroot.started_on,
        )
        .select_from(latest)
        .join(Package, Package.id == latest.c.package_id)
        .join(Build, Build.id == latest.c.build_id)
        .join(
            BuildChroot,
            (BuildChroot.build_id == latest.c.build_id) & (BuildChroot.name == latest.c.name),
        )
        .order_by(Package.name, BuildChroot.name)
    )
    found: dict[str, list[Newest]] = {}
    for row in rows:
        seen = Newest(row.id, row.name, row.state, row.version, row.started_on is not None)
        found.setdefault(row.package, []).append(seen)
    return found
