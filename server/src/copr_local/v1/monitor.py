"""The endpoint of the monitor in API v1."""

from __future__ import annotations

from typing import Any

from ..rules import builds, monitor, projects
from ..wire.context import reading
from . import package_render
from .routes import PROJECT, api


@api.get(f"{PROJECT}/monitor/")
def get_monitor(ownername: str, projectname: str) -> Any:
    """Return the result of the newest build of each package in each chroot.

    :param ownername: name of the project's owner; a group's name starts with `@`.
    :param projectname: name of the project without the owner.
    :returns: the JSON response with lists of builds, names of chroots, and packages.
    :raises NotFound: the project does not exist.
    :source: ``GET /api/coprs/{ownername}/{projectname}/monitor/``
    """
    with reading() as tx:
        project = projects.get(tx, ownername, projectname)
        newest = monitor.newest(tx, monitor.directory(project, None))
        build_ids = {seen.build_id for package in newest.values() for seen in package}
        found = sorted(builds.some(tx, build_ids), key=lambda build: build.id)
        return {
            "builds": [package_render.build_in_monitor(build) for build in found],
            "chroots": sorted(chroot.name for chroot in project.chroots),
            "packages": [package_render.package_in_monitor(name, seen) for name, seen in newest.items()],
        }
