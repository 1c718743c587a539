"""Repositories for the dependencies of a build, in the form of the build configuration of API v1 and v3."""

from __future__ import annotations

from typing import Any

from ..data.models import Project, ProjectChroot
from .repository_urls import expanded, identity, priority
from .urls import results_url


def repositories(project: Project, chroot: ProjectChroot, dirname: str) -> list[dict[str, Any]]:
    """Return the repositories from which a build in one chroot can install dependencies.

    :param project: project of the build.
    :param chroot: settings of the project's chroot.
    :param dirname: name of the project directory of the build.
    :returns: a dictionary for each repository: first the project's own, in devel mode also its `devel`
        repository, then the additional ones of the project and of the chroot.
    """
    own = results_url(project.ownername, dirname, chroot.name, "")
    base = _repository("copr_base", own, "Copr repository") | {
        "module_hotfixes": True if project.module_hotfixes else None,
        "priority": project.repo_priority,
        "repo_gpgcheck": False,
    }
    devel = _repository("copr_base_devel", f"{own}devel/", "Copr buildroot")
    others = (*project.additional_repos, *(chroot.additional_repos or []))
    return [base, *([devel] if project.devel_mode else []), *(_other(each, chroot.name) for each in others)]


def _other(address: str, chroot: str) -> dict[str, Any]:
    """Return the entry of an additional repository."""
    name = identity(address)
    found = _repository(name, expanded(address, chroot), f"Additional repo {name}")
    return found | {"priority": priority(address)}


def _repository(name: str, address: str, title: str) -> dict[str, Any]:
    """Return the entry of a repository without any options."""
    nothing = {"module_hotfixes": None, "priority": None, "repo_gpgcheck": None}
    return {"id": name, "baseurl": address, "name": title, **nothing}
