"""The JSON of API v2: members and their types, and links to related resources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import url_for

from ..data.models import Build, BuildChroot, MockChroot, Project, ProjectChroot
from ..rules import chroots
from ..wire.old_api_fields import built_packages, source_parameters
from ..wire.urls import chroot_results_url

Json = dict[str, Any]


def links(**addresses: str) -> Json:
    """Return the JSON of links.

    :param addresses: URLs or paths by name of the link.
    :returns: the JSON object.
    """
    return {name: {"href": address} for name, address in addresses.items()}


def project_path(project_id: int) -> str:
    """Return the path of a project.

    :param project_id: id of the project.
    :returns: the path, with the prefix of the API.
    """
    return url_for("v2.get_project", project_id=project_id)


def build_path(build_id: int) -> str:
    """Return the path of a build.

    :param build_id: id of the build.
    :returns: the path, with the prefix of the API.
    """
    return url_for("v2.get_build", build_id=build_id)


def project(project: Project, address: str | None = None) -> Json:
    """Return the JSON of a project.

    :param project: the project.
    :param address: its own link; None for its path without a query string.
    :returns: the JSON object.
    """
    path = project_path(project.id)
    return {
        "project": {
            "disable_createrepo": project.devel_mode,
            "description": project.description,
            "build_enable_net": project.enable_net,
            "homepage": project.homepage,
            "instructions": project.instructions,
            "repos": project.additional_repos,
            "owner": project.ownername,
            "is_a_group_project": project.group_id is not None,
            "name": project.name,
            "contact": project.contact,
            "id": project.id,
        },
        "_links": links(
            self=address or path,
            builds=f"{url_for('v2.list_builds')}?project_id={project.id}",
            chroots=f"{path}/chroots",
            build_tasks=f"{url_for('v2.list_build_tasks')}?project_id={project.id}",
        ),
    }


def project_chroot(chroot: ProjectChroot) -> Json:
    """Return the JSON of a chroot of a project.

    :param chroot: the chroot.
    :returns: the JSON object.
    """
    path = project_path(chroot.project_id)
    return {
        "chroot": {
            "comps_name": chroot.comps_name,
            "buildroot_pkgs": chroot.additional_packages,
            "comps": chroot.comps,
            "comps_len": len(chroot.comps or ""),
            "name": chroot.name,
        },
        "_links": links(project=path, self=f"{path}/chroots/{chroot.name}"),
    }


def build(build: Build, address: str | None = None) -> Json:
    """Return the JSON of a build.

    :param build: the build.
    :param address: its own link; None for its path without a query string.
    :returns: the JSON object; times are unix time in seconds, UTC.
    """
    packages = (line.rpartition(" ") for line in built_packages(build))
    return {
        "build": {
            "enable_net": build.enable_net,
            "state": build.state,
            "submitter": build.submitter,
            "built_packages": [{"name": name, "version": version} for name, _, version in packages],
            "package_version": build.version,
            "repos": build.project.additional_repos,
            "submitted_on": build.submitted_on,
            "package_name": build.package.name if build.package and build.version else None,
            "source_metadata": source_parameters(build),
            "source_type": build.source_type,
            "id": build.id,
        },
        "_links": links(
            self=address or build_path(build.id),
            project=project_path(build.project_id),
            build_tasks=f"{url_for('v2.list_build_tasks')}?build_id={build.id}",
        ),
    }


def build_task(chroot: BuildChroot) -> Json:
    """Return the JSON of a build task.

    :param chroot: the chroot of a build.
    :returns: the JSON object; times are unix time in seconds, UTC.
    """
    return {
        "build_task": {
            "ended_on": chroot.ended_on,
            "state": chroot.state,
            "result_dir_url": chroot_results_url(chroot),
            "started_on": chroot.started_on,
            "build_id": chroot.build_id,
            "git_hash": chroot.build.srpm_digest,
            "chroot_name": chroot.name,
        },
        "_links": links(
            project=project_path(chroot.build.project_id),
            build=build_path(chroot.build_id),
            self=url_for("v2.get_build_task", build_id=chroot.build_id, chrootname=chroot.name),
        ),
    }


def mock_chroot(chroot: MockChroot) -> Json:
    """Return the JSON of a chroot of this service.

    :param chroot: the chroot.
    :returns: the JSON object.
    """
    release, _, version = chroots.release(chroot.name).rpartition("-")
    return {
        "chroot": {
            "name": chroot.name,
            "os_release": release,
            "os_version": version,
            "arch": chroots.architecture(chroot.name),
            "is_active": chroot.is_active,
        },
        "_links": links(self=url_for("v2.get_mock_chroot", name=chroot.name)),
    }


def listing(name: str, items: Iterable[Json], address: str) -> Json:
    """Return the JSON of a listing.

    :param name: name of the member with the items.
    :param items: the JSON objects of the items.
    :param address: the listing's own link, with its query string.
    :returns: the JSON object.
    """
    return {name: list(items), "_links": links(self=address)}
