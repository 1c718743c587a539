"""How things look on the wire: names and types of JSON fields. Lists of words are one text with spaces."""

from __future__ import annotations

from typing import Any

from ..context import results_url, service
from ..models import Build, BuildChroot, Package, Project, ProjectChroot
from ..v3.build_config import of_project as build_config_of_project
from ..v3.render import source
from .project_forms import uses_bootstrap_container

Json = dict[str, Any]

_LATER_PARAMETERS = frozenset({"spec_generator", "repos"})


def ok(**fields: Any) -> Json:
    """An answer that is no error."""
    return {"output": "ok", **fields}


def project_in_list(project: Project, *, is_built: bool) -> Json:
    """A project, as listings show it."""
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
    """A project by itself; `modified` is when something of it last succeeded."""
    return {
        **project_in_list(project, is_built=is_built),
        "last_modified": modified,
        "auto_createrepo": not project.devel_mode,
        "use_bootstrap_container": uses_bootstrap_container(project),
    }


def repositories(project: Project) -> Json:
    """Where the project's packages are, for each of its chroots."""
    names = [chroot.name for chroot in project.chroots]
    return {name: results_url(project.ownername, project.name, name, "") for name in names}


def found_project(project: Project) -> Json:
    """A project, as searches show it."""
    return {"username": project.user.name, "coprname": project.name, "description": project.description}


def chroot_packages(chroot: ProjectChroot) -> Json:
    """Which packages a chroot has besides the usual ones."""
    return {"buildroot_pkgs": " ".join(chroot.additional_packages)}


def project_chroot(chroot: ProjectChroot) -> Json:
    """The settings of a chroot of a project."""
    return {
        **chroot_packages(chroot),
        "mock_chroot": chroot.name,
        "copr_id": chroot.project_id,
        "repos": " ".join(chroot.additional_repos),
        "comps_name": chroot.comps_name,
        "with_opts": " ".join(chroot.with_opts),
        "without_opts": " ".join(chroot.without_opts),
    }


def build_config(chroot: ProjectChroot) -> Json:
    """What a chroot of a project is built with."""
    project = chroot.project
    repositories = build_config_of_project(chroot)["repos"]
    return {
        "project_id": f"{project.ownername.replace('@', 'group_')}-{project.name}",
        "chroot": chroot.name,
        "additional_packages": chroot.additional_packages,
        "repos": [
            {"id": each["id"], "name": each["name"], "baseurl": each["baseurl"], "url": each["baseurl"]}
            for each in repositories
        ],
        "use_bootstrap_container": uses_bootstrap_container(project),
        "with_opts": chroot.with_opts,
        "without_opts": chroot.without_opts,
    }


def build(build: Build) -> Json:
    """A build."""
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
        "results_by_chroot": {chroot.name: result_url(chroot) for chroot in build.chroots},
    }


def build_address(build: Build) -> str:
    """The page of a build."""
    return f"{service().public_url}/coprs/build/{build.id}/"


def started_on(build: Build) -> int | None:
    """When the first chroot of a build began."""
    return min((chroot.started_on for chroot in build.chroots if chroot.started_on is not None), default=None)


def ended_on(build: Build) -> int | None:
    """When the last chroot of a build ended, if all have."""
    ends = [chroot.ended_on for chroot in build.chroots]
    return max((end for end in ends if end is not None), default=None) if None not in ends else None


def source_address(build: Build) -> str:
    """Where the source was submitted from; empty where that is no file."""
    address: str = source(build).get("url", "")
    return address


def source_parameters(of: Build | Package) -> Json:
    """The parameters of a source: what is not given is an empty text, what came later is left out."""
    return {
        name: "" if value is None else value
        for name, value in source(of).items()
        if name not in _LATER_PARAMETERS
    }


def built_packages(build: Build) -> list[str]:
    """Names and versions of the binary packages of a build, each once."""
    packages = [
        package for chroot in build.chroots for package in chroot.packages if package["arch"] != "src"
    ]
    return list(dict.fromkeys(f"{package['name']} {package['version']}" for package in packages))


def result_url(chroot: BuildChroot) -> str | None:
    """Where the results of one chroot of a build are, once it has begun."""
    build = chroot.build
    if chroot.started_on is None or build.package is None:
        return None
    name = f"{build.id:08d}-{build.package.name}"
    return results_url(build.project.ownername, build.dir.name, chroot.name, name, "")
