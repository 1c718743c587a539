"""The JSON of packages and their builds in API v1.

The members are mostly the columns of the database tables of the real Copr frontend in 2020. Members that API
v3 does not have, such as those for modules, resubmitted builds and callbacks, always have the default value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..data.models import Build, Package, Project
from ..filesystem import layout
from ..releases import MEMORY_LIMIT
from ..rules.monitor import Newest
from ..wire.old_api_fields import built_packages, source_parameters
from ..wire.urls import srpm_url
from .render import Json, ended_on, source_address, started_on

# The numbers of the states in the database of the real Copr frontend.
STATE_NUMBERS = {
    "failed": 0,
    "succeeded": 1,
    "canceled": 2,
    "running": 3,
    "pending": 4,
    "skipped": 5,
    "starting": 6,
    "importing": 7,
    "forked": 8,
    "waiting": 9,
}


def package(package: Package) -> Json:
    """Return the JSON of a package.

    :param package: the package.
    :returns: its JSON object.
    """
    return {
        "id": package.id,
        "name": package.name,
        "copr_id": package.project_id,
        "copr_dir_id": _own_directory(package.project),
        "source_type": package.source_type,
        "source_json": json.dumps(source_parameters(package)),
        "webhook_rebuild": package.webhook_rebuild,
        "enable_net": False,
        "max_builds": package.max_builds or None,
        "chroot_blacklist_raw": package.chroot_denylist or None,
    }


def _own_directory(project: Project) -> int:
    """Return the id of the project directory that has the project's name."""
    return next(directory.id for directory in project.dirs if directory.name == project.name)


def build_of_package(build: Build) -> Json:
    """Return the JSON of a build, as the endpoints of packages show it.

    :param build: the build.
    :returns: its JSON object; times are unix time in seconds, UTC.
    """
    return {
        "id": build.id,
        "state": build.state,
        "chroots": {chroot.name: chroot.state for chroot in build.chroots},
        "package_id": build.package_id,
        "copr_dir_id": build.dir_id,
        "user_id": build.user_id,
        "batch_id": build.batch_id,
        "pkg_version": build.version,
        "built_packages": "\n".join(built_packages(build)) or None,
        "source_type": build.source_type,
        "source_json": json.dumps(source_parameters(build)),
        "source_status": STATE_NUMBERS[build.source_state],
        "src_pkg": source_address(build),
        "srpm_url": srpm_url(build),
        "result_dir": layout.source_build(build.id),
        "repos": " ".join(build.project.additional_repos),
        "enable_net": build.enable_net,
        "is_background": build.is_background,
        "timeout": build.timeout,
        "memory_reqs": MEMORY_LIMIT,
        "submitted_on": build.submitted_on,
        "canceled": build.state == "canceled",
        "fail_type": 0,
        "module_id": None,
        "resubmitted_from_id": None,
        "scm_object_id": None,
        "scm_object_type": None,
        "scm_object_url": None,
        "submitted_by": None,
        "update_callback": None,
    }


def build_in_monitor(build: Build) -> Json:
    """Return the JSON of a build, as the monitor shows it.

    :param build: the build.
    :returns: its JSON object; times are unix time in seconds, UTC.
    """
    return {
        "id": build.id,
        "state": build.state,
        "status": STATE_NUMBERS[build.state],
        "canceled": build.state == "canceled",
        "src_pkg": source_address(build),
        "pkg_version": build.version,
        "built_packages": built_packages(build),
        "repos": " ".join(build.project.additional_repos),
        "results": None,
        "timeout": build.timeout,
        "memory_reqs": MEMORY_LIMIT,
        "submitted_on": build.submitted_on,
        "started_on": started_on(build),
        "ended_on": ended_on(build),
    }


def package_in_monitor(name: str, newest: Iterable[Newest]) -> Json:
    """Return the JSON of a package, as the monitor shows it.

    :param name: name of the package.
    :param newest: newest build of the package in each chroot.
    :returns: its JSON object; `results` has the id, version and state of the newest build by chroot.
    """
    results = {
        seen.chroot: {"build_id": seen.build_id, "pkg_version": seen.version, "status": seen.state}
        for seen in newest
    }
    return {"pkg_name": name, "pkg_version": None, "results": results}
