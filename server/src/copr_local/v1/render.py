"""The JSON of projects, chroots and builds in API v1. A list of words is one text with spaces."""

from __future__ import annotations

from typing import Any

from ..data.database import Transaction
from ..data.models import Build, Project, ProjectChroot
from ..wire.build_repositories import repositories as build_repositories
from ..wire.context import service
from ..wire.old_api_fields import built_packages
from ..wire.urls import chroot_results_url, results_url, source
from .project_forms import uses_bootstrap_container

Json = dict[str, Any]


def ok(**fields: Any) -> Json:
    """Return the JSON of a successful response.

    :param fields: its members besides `output`.
    :returns: the JSON object.
    """
    return {"output": "ok", **fields}


def project_in_list(project: Project, *, is_built: bool) -> Json:
    """Return the JSON of a project in a listing.

    :param project: the project.
    :param is_built: True if the project has builds; only then the URLs of its repositories are shown.
    :returns: the JSON object.
    """
    return {
        "name": project.name,
        "additional_repos": " ".join(project.additional_repos),
        "yum_repos": repositories(project) if is_built else {},
        "description": project.description,
        "instructions": project.instructions,
        "persistent": project.persistent,
        "unlisted_on_hp": project.unlisted_on_hp,
        "auto_prune": project.auto_prune,
    }


def project(project: Project, *, is_built: bool, modified: int | None) -> Json:
    """Return the JSON of one project.

    :param project: the project.
    :param is_built: True if the project has builds; only then the URLs of its repositories are shown.
    :param modified: when its newest successful build finished, in unix time, UTC; None if there is none.
    :returns: the JSON object.
    """
    return {
        **project_in_list(project, is_built=is_built),
        "last_modified": modified,
        "auto_createrepo": not project.devel_mode,
        "use_bootstrap_container": uses_bootstrap_container(project),
    }


def repositories(project: Project) -> Json:
    """Return the URLs of a project's repositories.

    :param project: the project.
    :returns: URLs by name of the chroot.
    """
    names = [chroot.name for chroot in project.chroots]
    return {name: results_url(project.ownername, project.name, name, "") for name in names}


def found_project(project: Project) -> Json:
    """Return the JSON of a project in the results of a search.

    :param project: the project.
    :returns: the JSON object.
    """
    return {"username": project.user.name, "coprname": project.name, "description": project.description}


def chroot_packages(chroot: ProjectChroot) -> Json:
    """Return the JSON of the additional packages of a chroot.

    :param chroot: the chroot of a project.
    :returns: the JSON object; the names of the packages are one text.
    """
    return {"buildroot_pkgs": " ".join(chroot.additional_packages)}


def project_chroot(chroot: ProjectChroot) -> Json:
    """Return the JSON of the settings of a chroot.

    :param chroot: the chroot of a project.
    :returns: the JSON object.
    """
    return {
        **chroot_packages(chroot),
        "mock_chroot": chroot.name,
        "copr_id": chroot.project_id,
        "repos": " ".join(chroot.additional_repos),
        "comps_name": chroot.comps_name,
        "with_opts": " ".join(chroot.with_opts),
        "without_opts": " ".join(chroot.without_opts),
    }


def build_config(tx: Transaction, chroot: ProjectChroot) -> Json:
    """Return the JSON of the build configuration of a chroot.

    :param tx: transaction to read from.
    :param chroot: the chroot of a project.
    :returns: the JSON object; its lists of words are lists here.
    """
    project = chroot.project
    return {
        "project_id": f"{project.ownername.replace('@', 'group_')}-{project.name}",
        "chroot": chroot.name,
        "additional_packages": chroot.additional_packages,
        "repos": [
            {"id": each["id"], "name": each["name"], "baseurl": each["baseurl"], "url": each["baseurl"]}
            for each in build_repositories(tx, project, chroot, project.name)
        ],
        "use_bootstrap_container": uses_bootstrap_container(project),
        "with_opts": chroot.with_opts,
        "without_opts": chroot.without_opts,
    }


def build(build: Build) -> Json:
    """Return the JSON of a build.

    :param build: the build.
    :returns: the JSON object; times are unix time in seconds, UTC.
    """
    project = build.project
    return {
        "status": build.state,
        "project": project.name,
        "project_dirname": build.dir.name,
        "owner": project.ownername,
        "results": results_url(project.ownername, project.name),
        "built_pkgs": built_packages(build) or None,
        "src_version": build.version,
        "chroots": {chroot.name: chroot.state for chroot in build.chroots},
        "submitted_on": build.submitted_on,
        "started_on": started_on(build),
        "ended_on": ended_on(build),
        "src_pkg": source_address(build),
        "submitted_by": build.submitter,
        "results_by_chroot": {chroot.name: chroot_results_url(chroot) for chroot in build.chroots},
    }


def build_address(build_id: int) -> str:
    """Return the URL of the page of a build.

    :param build_id: id of the build.
    :returns: the URL, below the public URL of this service.
    """
    return f"{service().public_url}/coprs/build/{build_id}/"


def started_on(build: Build) -> int | None:
    """Return when the first chroot of a build started.

    :param build: the build.
    :returns: the unix time in seconds, UTC; None if no chroot has started.
    """
    return min((chroot.started_on for chroot in build.chroots if chroot.started_on is not None), default=None)


def ended_on(build: Build) -> int | None:
    """Return when the last chroot of a build finished.

    :param build: the build.
    :returns: the unix time in seconds, UTC; None if a chroot has no end time, or the build has no chroots.
    """
    ends = [chroot.ended_on for chroot in build.chroots]
    return max((end for end in ends if end is not None), default=None) if None not in ends else None


def source_address(build: Build) -> str:
    """Return the URL of the submitted source RPM or spec file of a build.

    :param build: the build.
    :returns: the URL; empty if the source is not one file.
    """
    address: str = source(build).get("url", "")
    return address
