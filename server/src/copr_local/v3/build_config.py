"""What somebody needs who wants to build as a builder does: settings of a chroot, and its repositories.

A setting of the build goes before the chroot's, and that before the project's; `unchanged` is none.
"""

from __future__ import annotations

from ..context import results_url
from ..models import BuildChroot, Project, ProjectChroot
from ..repository_addresses import COPR, expanded, identity, priority
from ..rules.builds import MEMORY_LIMIT
from .render import Json

UNCHANGED = "unchanged"


def of_build(chroot: BuildChroot) -> Json:
    """What a builder needs for one chroot of a build."""
    build, project = chroot.build, chroot.build.project
    known = next((own for own in project.all_chroots if own.name == chroot.name), None)
    settings = known or ProjectChroot(name=chroot.name)
    bootstraps = (build.bootstrap, settings.bootstrap, project.bootstrap)
    bootstrap = next(each for each in bootstraps if each not in (None, UNCHANGED))
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
        "repos": _repositories(project, settings, build.dir.name),
    }


def of_project(chroot: ProjectChroot) -> Json:
    """What one chroot of a project is built with."""
    project = chroot.project
    return {
        "additional_repos": _additional_repositories(project, chroot),
        "additional_packages": chroot.additional_packages,
        # The original keeps the modules as one text, and takes it apart at other places here.
        "additional_modules": ", ".join(chroot.additional_modules).split(),
        "with_opts": chroot.with_opts,
        "without_opts": chroot.without_opts,
        "isolation": chroot.isolation,
        "chroot": chroot.name,
        "enable_net": project.enable_net,
        "repos": _repositories(project, chroot, project.name),
    }


def _additional_repositories(project: Project, chroot: ProjectChroot) -> list[str]:
    own = f"{COPR}{project.full_name}"
    others = (*(chroot.additional_repos or []), *project.additional_repos)
    return [own, *others, *([f"{own}/devel"] if project.devel_mode else [])]


def _repositories(project: Project, chroot: ProjectChroot, dirname: str) -> list[Json]:
    own = results_url(project.ownername, dirname, chroot.name, "")
    base = _repository("copr_base", own, "Copr repository") | {
        "module_hotfixes": True if project.module_hotfixes else None,
        "priority": project.repo_priority,
        "repo_gpgcheck": False,
    }
    devel = _repository("copr_base_devel", f"{own}devel/", "Copr buildroot")
    others = (*project.additional_repos, *(chroot.additional_repos or []))
    return [base, *([devel] if project.devel_mode else []), *(_other(each, chroot.name) for each in others)]


def _other(address: str, chroot: str) -> Json:
    name = identity(address)
    found = _repository(name, expanded(address, chroot), f"Additional repo {name}")
    return found | {"priority": priority(address)}


def _repository(name: str, address: str, title: str) -> Json:
    nothing = {"module_hotfixes": None, "priority": None, "repo_gpgcheck": None}
    return {"id": name, "baseurl": address, "name": title, **nothing}
