"""The monitor: what came of the newest build of each package, in each chroot."""

from __future__ import annotations

from typing import Any

from ..rules import builds, monitor, projects
from ..wire.context import reading
from . import package_render
from .routes import PROJECT, api


@api.get(f"{PROJECT}/monitor/")
def get_monitor(ownername: str, projectname: str) -> Any:
    """The newest builds of a project, its chroots, and what came of which build where."""
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
