"""The repositories that a build installs its dependencies from, as a real Copr gives them to its builders.

In this order: the project's main directory, its `devel` repository, the directory that the build is for, and
the additional repositories of the project and of the chroot. The APIs show this list, and builds use it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..data.database import Transaction
from ..data.models import Project, ProjectChroot
from ..filesystem.layout import DEVEL
from . import projects
from .repository_addresses import expanded, identity, priority, project_of


@dataclass(frozen=True)
class BuildRepository:
    """A repository for the dependencies of a build. Exactly one of `folder` and `url` is set.

    :param id: id of the repository in dnf.
    :param name: title of the repository.
    :param folder: folder below the results folder of this service, with `/` between its parts. It may not
        exist: then a build that needs the repository fails.
    :param url: URL of a repository elsewhere; dnf replaces the variables in it.
    :param priority: priority in dnf; None for dnf's default.
    :param module_hotfixes: True if modules do not hide the packages; None for dnf's default.
    :param repo_gpgcheck: False if dnf must not check a signature of the metadata; None for dnf's default.
    """

    id: str
    name: str
    folder: str | None = None
    url: str | None = None
    priority: int | None = None
    module_hotfixes: bool | None = None
    repo_gpgcheck: bool | None = None


def of_build(tx: Transaction, project: Project, chroot: ProjectChroot, dirname: str) -> list[BuildRepository]:
    """Return the repositories from which a build can install dependencies.

    :param tx: transaction to read from.
    :param project: project of the build.
    :param chroot: settings of the project's chroot; with only a name if the project no longer has it.
    :param dirname: name of the project directory that the build is for.
    :returns: the repositories, in the order in which a real Copr lists them.
    """
    main = f"{project.full_name}/{chroot.name}"
    found = [
        BuildRepository(
            "copr_base",
            "Copr repository",
            folder=main,
            priority=project.repo_priority,
            module_hotfixes=project.module_hotfixes or None,
            repo_gpgcheck=False,
        )
    ]
    if project.devel_mode:
        found.append(BuildRepository("copr_base_devel", "Copr buildroot", folder=f"{main}/{DEVEL}"))
    if dirname != project.name:
        folder = f"{project.ownername}/{dirname}/{chroot.name}"
        found.append(BuildRepository("copr_coprdir", "Copr directory", folder=folder, repo_gpgcheck=False))
    others = (*project.additional_repos, *(chroot.additional_repos or []))
    return [*found, *(additional(tx, address, chroot.name) for address in others)]


def additional(tx: Transaction, address: str, chroot: str) -> BuildRepository:
    """Return an additional repository; of a project of this service, some options are taken over.

    :param tx: transaction to read from.
    :param address: URL of the repository, or `copr://OWNER/PROJECT`.
    :param chroot: name of the chroot that it is for.
    :returns: the repository.
    """
    name = identity(address)
    title = f"Additional repo {name}"
    of = project_of(address)
    if of is None:
        return BuildRepository(name, title, url=expanded(address, chroot), priority=priority(address))
    ownername, dirname = of
    other = projects.find(tx, ownername, dirname.partition(":")[0])
    return BuildRepository(
        name,
        title,
        folder=f"{ownername}/{dirname}/{chroot}",
        priority=priority(address),
        module_hotfixes=True if other is not None and other.module_hotfixes else None,
        repo_gpgcheck=None if other is None else False,
    )
