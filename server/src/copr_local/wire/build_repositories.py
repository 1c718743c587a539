"""Repositories for the dependencies of a build, in the form of the build configuration of API v1 and v3."""

from __future__ import annotations

from typing import Any

from ..data.database import Transaction
from ..data.models import Project, ProjectChroot
from ..rules import build_repositories
from .urls import results_url


def repositories(
    tx: Transaction, project: Project, chroot: ProjectChroot, dirname: str
) -> list[dict[str, Any]]:
    """Return the repositories from which a build in one chroot can install dependencies.

    :param tx: transaction to read from.
    :param project: project of the build.
    :param chroot: settings of the project's chroot.
    :param dirname: name of the project directory of the build.
    :returns: a dictionary for each repository; an option is None if the default of dnf applies.
    """
    return [
        {
            "id": each.id,
            "baseurl": each.url if each.folder is None else results_url(each.folder, ""),
            "name": each.name,
            "module_hotfixes": each.module_hotfixes,
            "priority": each.priority,
            "repo_gpgcheck": each.repo_gpgcheck,
        }
        for each in build_repositories.of_build(tx, project, chroot, dirname)
    ]
