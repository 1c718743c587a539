"""`/rpmrepo`: the data from which the copr plugin of dnf writes a `.repo` file."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ..data.database import Transaction
from ..data.models import Project, ProjectChroot
from ..rules import chroots, dependencies, expiry, projects
from ..rules.dependencies import Dependencies
from ..rules.errors import NotFound
from ..rules.repository_addresses import identity, priority, without_priority
from ..wire.context import reading, service
from ..wire.urls import public_key_url, results_url
from .render import Json, whole_days
from .routes import api

# A multilib repository also has the packages of the second architecture.
_SECOND_ARCHITECTURE = {"x86_64": "i386"}


@api.get("/rpmrepo/<ownername>/<dirname>/<name_release>")
def get_rpm_repository(ownername: str, dirname: str, name_release: str) -> Any:
    """Return the repositories of a project for all releases; dnf chooses among them.

    :param ownername: owner of the project; a group has an @.
    :param dirname: the project's name, or the name of one of its directories.
    :param name_release: the release of the client, such as `fedora-45`. It does not matter: dnf 5 sends that
        of the machine also if the user names another chroot, or if it takes `epel-9` for `rhel-9.4`.
    :returns: the URL of all results, the repositories, the directories and the runtime dependencies. Without
        signed packages also an empty `pubkey_url`: then dnf 5 does not check signatures.
    :raises NotFound: the project does not exist.
    :source: ``GET /api_3/rpmrepo/{ownername}/{dirname}/{name_release}``
    """
    name = dirname.partition(":")[0]
    with reading() as tx:
        project = projects.find(tx, ownername, name)
        if project is None:
            raise NotFound(f"{ownername}/{name} copr doesn't exist")
        return {
            "results_url": results_url(),
            "repos": _repositories(project, tx.now),
            "directories": {each.name: _left(expiry.of_directory(tx, each), tx.now) for each in project.dirs},
            **_left(project.delete_after, tx.now),
            "dependencies": _dependencies(tx, project, dependencies.of_project(tx, project)),
            **({} if public_key_url(tx, ownername, name) else {"pubkey_url": ""}),
        }


def _repositories(project: Project, now: int) -> Json:
    """Return the project's chroots by release and architecture, with dropped ones that are still kept."""
    found: Json = {}
    shown = [own for own in project.all_chroots if own in project.chroots or own.delete_after is not None]
    for chroot in shown:
        architectures = found.setdefault(chroots.release(chroot.name), {"arch": {}})["arch"]
        architectures[chroots.architecture(chroot.name)] = _repository(project, chroot, now)
    return found


def _repository(project: Project, chroot: ProjectChroot, now: int) -> Json:
    """Return the entry of one chroot, with its multilib repository if the project has one."""
    shown: Json = {"opts": _options(project)}
    second = _SECOND_ARCHITECTURE.get(chroots.architecture(chroot.name))
    names = [own.name for own in project.chroots]
    if project.multilib and f"{chroots.release(chroot.name)}-{second}" in names:
        shown["multilib"] = {second: {"opts": {**_options(project), "cost": "1100"}}}
    return shown | _left(chroot.delete_after, now)


def _left(until: int | None, now: int) -> Json:
    """Return the whole days until the deletion; nothing if no deletion is planned."""
    return {} if until is None else {"delete_after_days": max(0, whole_days(until - now))}


def _options(project: Project) -> Json:
    """Return the dnf options of the project's repositories."""
    options = _priority(project.repo_priority)
    if project.module_hotfixes:
        options["module_hotfixes"] = "1"
    return options


def _priority(value: int | None) -> Json:
    """Return the dnf option for a priority; nothing if there is none."""
    return {} if value is None else {"priority": value}


def _dependencies(tx: Transaction, project: Project, found: Dependencies) -> list[Json]:
    """Return the runtime dependencies of the project: other projects first, then external repositories.

    dnf checks the signatures of every project that it depends on. So a project without signed packages is
    shown as an external repository. dnf replaces `$chroot` and `$distname` by those of the chroot that it
    enables.
    """
    host = urlsplit(service().public_url).hostname
    title = f"Copr {host}/{project.full_name}"
    shown: list[Json] = []
    for number, other in enumerate(found.projects, start=1):
        options = {
            "id": f"coprdep:{host}:{other.ownername.replace('@', 'group_')}:{other.name}",
            "name": f"{title} runtime dependency #{number} - {other.full_name}",
        }
        data = {"owner": other.ownername, "projectname": other.name}
        if public_key_url(tx, other.ownername, other.name):
            shown.append({"opts": options, "type": "copr", "data": data})
            continue
        pattern = results_url(other.ownername, other.name, "$chroot", "")
        shown.append({"opts": options, "type": "external_baseurl", "data": {"pattern": pattern}})
    for number, address in enumerate(found.addresses, start=len(shown) + 1):
        name = identity(address)
        options = {
            "id": f"coprdep:{name}",
            "name": f"{title} external runtime dependency #{number} - {name}",
            **_priority(priority(address)),
        }
        pattern = without_priority(address)
        shown.append({"opts": options, "type": "external_baseurl", "data": {"pattern": pattern}})
    return shown
