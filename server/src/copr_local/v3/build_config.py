"""Build configurations: the settings and repositories that a local build needs to match one of a builder."""

from __future__ import annotations

from ..data.database import Transaction
from ..data.models import BuildChroot, Project, ProjectChroot
from ..releases import MEMORY_LIMIT
from ..rules import bootstraps
from ..rules.repository_addresses import COPR
from ..wire.build_repositories import repositories
from .render import Json


def of_build(tx: Transaction, chroot: BuildChroot) -> Json:
    """Return the build configuration of one chroot of a build.

    :param tx: transaction to read from.
    :param chroot: the chroot of the build.
    :returns: the configuration; `timeout` is in seconds. It has `bootstrap` only if that is not the default.
    """
    build, project = chroot.build, chroot.build.project
    known = next((own for own in project.all_chroots if own.name == chroot.name), None)
    settings = known or ProjectChroot(name=chroot.name)
    bootstrap = bootstraps.of_build(build, settings)
    return {
        "additional_repos": _additional_repositories(project, settings),
        "additional_packages": settings.additional_packages or [],
        "with_opts": settings.with_opts or [],
        "without_opts": settings.without_opts or [],
        "enable_net": build.enable_net,
        "is_background": build.is_background,
        "memory_limit": MEMORY_LIMIT,
        "timeout": build.timeout,
        **({"bootstrap": bootstrap} if bootstrap != "default" else {}),
        **({"bootstrap_image": settings.bootstrap_image} if bootstrap == "custom_image" else {}),
        "repos": repositories(tx, project, settings, build.dir.name),
    }


def of_project(tx: Transaction, chroot: ProjectChroot) -> Json:
    """Return the build configuration of one chroot of a project.

    :param tx: transaction to read from.
    :param chroot: the chroot of the project.
    :returns: the configuration for builds with the project's settings.
    """
    project = chroot.project
    return {
        "additional_repos": _additional_repositories(project, chroot),
        "additional_packages": chroot.additional_packages,
        # The real Copr frontend stores the modules as one text with commas, and splits it at spaces here.
        "additional_modules": ", ".join(chroot.additional_modules).split(),
        "with_opts": chroot.with_opts,
        "without_opts": chroot.without_opts,
        "isolation": chroot.isolation,
        "chroot": chroot.name,
        "enable_net": project.enable_net,
        "repos": repositories(tx, project, chroot, project.name),
    }


def _additional_repositories(project: Project, chroot: ProjectChroot) -> list[str]:
    """Return the URLs of the project itself, the additional repositories and the development repository."""
    own = f"{COPR}{project.full_name}"
    others = (*(chroot.additional_repos or []), *project.additional_repos)
    return [own, *others, *([f"{own}/devel"] if project.devel_mode else [])]
