"""`/rpmrepo`: what dnf's copr plugin writes a `.repo` file from."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ..context import reading, results_url, service
from ..models import Project, ProjectChroot
from ..rules import chroots, projects
from ..rules.errors import NotFound
from .build_config import repository_id
from .render import Json, whole_days
from .routes import api

_SECOND_ARCHITECTURE = {"x86_64": "i386"}  # whose packages a multilib repository has as well


@api.get("/rpmrepo/<ownername>/<dirname>/<name_release>")
def get_rpm_repository(ownername: str, dirname: str, name_release: str) -> Any:
    """The repositories of a project: all of them, for dnf to choose from, whichever release is asked for."""
    name = dirname.partition(":")[0]
    with reading() as tx:
        project = projects.find(tx, ownername, name)
        if project is None:
            raise NotFound(f"{ownername}/{name} copr doesn't exist")
        return {
            "results_url": results_url(),
            "repos": _repositories(project, tx.now),
            "directories": {directory.name: {} for directory in project.dirs},
            "dependencies": [
                _dependency(project, number, address)
                for number, address in enumerate(project.runtime_dependencies, start=1)
            ],
        }


def _repositories(project: Project, now: int) -> Json:
    """The project's chroots, by release and architecture; those that it dropped as long as they are kept."""
    found: Json = {}
    shown = [own for own in project.all_chroots if own in project.chroots or own.delete_after is not None]
    for chroot in shown:
        architectures = found.setdefault(chroots.release(chroot.name), {"arch": {}})["arch"]
        architectures[chroots.architecture(chroot.name)] = _repository(project, chroot, now)
    return found


def _repository(project: Project, chroot: ProjectChroot, now: int) -> Json:
    shown: Json = {"opts": _options(project)}
    second = _SECOND_ARCHITECTURE.get(chroots.architecture(chroot.name))
    names = [own.name for own in project.chroots]
    if project.multilib and f"{chroots.release(chroot.name)}-{second}" in names:
        shown["multilib"] = {second: {"opts": {**_options(project), "cost": "1100"}}}
    if chroot.delete_after is not None:
        shown["delete_after_days"] = whole_days(chroot.delete_after - now)
    return shown


def _options(project: Project) -> Json:
    options: Json = {}
    if project.repo_priority is not None:
        options["priority"] = project.repo_priority
    if project.module_hotfixes:
        options["module_hotfixes"] = True
    return options


def _dependency(project: Project, number: int, address: str) -> Json:
    """A repository that packages of the project need at run time: another project's, or any."""
    title = f"Copr {urlsplit(service().public_url).hostname}/{project.full_name}"
    identity = repository_id(address)
    if address.startswith("copr://"):
        owner, _, name = address.removeprefix("copr://").partition("/")
        shown = f"{title} runtime dependency #{number} - {owner}/{name}"
        kind, data = "copr", {"owner": owner, "projectname": name}
    else:
        shown = f"{title} external runtime dependency #{number} - {identity}"
        kind, data = "external_baseurl", {"pattern": address}
    return {"opts": {"id": f"coprdep:{identity}", "name": shown}, "type": kind, "data": data}
