"""The `.repo` files, which tell dnf the URLs of a project's repositories."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, request
from werkzeug.exceptions import NotFound

from ..data.database import Transaction
from ..data.models import Project, ProjectDir
from ..rules import chroots, dependencies, projects
from ..rules.errors import RuleError
from ..rules.repository_addresses import expanded, identity, priority
from ..wire.context import reading, service
from ..wire.urls import public_key_url, results_url

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

repo_files = Blueprint("repo_files", __name__)


@repo_files.get("/coprs/<ownername>/<dirname>/repo/<release>")
@repo_files.get("/coprs/<ownername>/<dirname>/repo/<release>/<_filename>")
def repository_file(ownername: str, dirname: str, release: str, _filename: str = "") -> Response:  # noqa: DOC101, DOC103
    """Return the `.repo` file of a project's folder for the chroots of one release.

    The URL may end with any file name.

    :param ownername: name of the user, or of the group with its @.
    :param dirname: name of the project, or of one of its folders (`hello:custom:next`).
    :param release: release (`fedora-45`) or name of a chroot (`fedora-45-x86_64`).
    :returns: the file as plain text. Status 404 if the folder does not exist, or if the project has no chroot
        of the release and of the architecture in the query `arch`; then the header `Copr-Error-Data` has the
        chroots of the project, as JSON in base64.
    :source: `GET /coprs/{ownername}/{dirname}/repo/{release}/{filename}`
    """
    try:
        with reading() as tx:
            project = projects.get(tx, ownername, dirname.partition(":")[0])
            directory = next((found for found in project.dirs if found.name == dirname), None)
            if directory is None:
                abort(404)
            names = [chroot.name for chroot in project.chroots]
            if not _has(names, release, request.args.get("arch")):
                raise _NoChroot(f"{ownername}/{dirname}", release, names)
            if release in names:
                release = chroots.release(release)
            text = _repository(tx, project, directory, release)
    except RuleError:
        abort(404)
    return Response(text, mimetype="text/plain")


@repo_files.get("/coprs/g/<group>/<dirname>/repo/<release>")
@repo_files.get("/coprs/g/<group>/<dirname>/repo/<release>/<_filename>")
def group_repository_file(group: str, dirname: str, release: str, _filename: str = "") -> Response:  # noqa: DOC101, DOC103
    """Return the `.repo` file of a group's project for the chroots of one release.

    :param group: name of the group, without the @.
    :param dirname: name of the project, or of one of its folders.
    :param release: release or name of a chroot.
    :returns: the file as plain text; status 404 if the folder does not exist or the project has no chroot of
        the release.
    :source: `GET /coprs/g/{group}/{dirname}/repo/{release}/{filename}`
    """
    return repository_file(f"@{group}", dirname, release)


class _NoChroot(NotFound):
    """The project has no chroot of the release: the header tells the copr plugin of dnf which ones it has."""

    def __init__(self, project: str, release: str, names: list[str]) -> None:
        available = f"Available chroots: {', '.join(names)}" if names else "It has no enabled chroots"
        super().__init__(f"Chroot {release} does not exist in {project}. {available}.")
        data = json.dumps({"available chroots": names}).encode()
        self._header = "Copr-Error-Data", base64.b64encode(data).decode()

    def get_headers(
        self, environ: WSGIEnvironment | None = None, scope: dict[str, Any] | None = None
    ) -> list[tuple[str, str]]:
        return [*super().get_headers(environ, scope), self._header]


def _has(names: list[str], release: str, architecture: str | None) -> bool:
    """Return True if one of the chroots has this name, or is of this release and architecture."""
    if architecture:
        return release in names or f"{release}-{architecture}" in names
    return any(release in (name, chroots.release(name)) for name in names)


def _repository(tx: Transaction, project: Project, directory: ProjectDir, release: str) -> str:
    lines = _section(tx, project, directory, f"{release}-$basearch")
    names = [own.name for own in project.chroots if chroots.release(own.name) == release]
    is_multilib = project.multilib and {f"{release}-x86_64", f"{release}-i386"} <= set(names)
    if is_multilib and request.args.get("arch") == "x86_64":
        lines += ["", *_section(tx, project, directory, f"{release}-i386", ":ml", " (i386)"), "cost=1100"]
    needed = dependencies.of_project(tx, project)
    for number, other in enumerate(needed.projects, start=1):
        of = f"Copr {_host()}/{project.ownername}/{directory.name} runtime dependency #{number}"
        lines += ["", *_section(tx, other, other.main_dir, f"{release}-$basearch", dependency_of=of)]
    for number, address in enumerate(needed.addresses, start=1):
        lines += _dependency(project, number, address, names[0])
    return "\n".join(lines) + "\n"


def _host() -> str | None:
    return urlsplit(service().public_url).hostname


def _section(
    tx: Transaction,
    project: Project,
    directory: ProjectDir,
    chroot: str,
    mark: str = "",
    note: str = "",
    *,
    dependency_of: str | None = None,
) -> list[str]:
    """Return the lines of one repository.

    :param mark: suffix of the repository's id, which makes it unique in the file.
    :param note: suffix of the repository's name.
    :param dependency_of: description of the project that needs this repository; None for the project itself.
    """
    owner = project.ownername.replace("@", "group_")
    key = public_key_url(tx, project.ownername, directory.name)
    kind, name = "copr", f"Copr repo for {directory.name} owned by {project.ownername}{note}"
    if dependency_of is not None:
        kind, name = "coprdep", f"{dependency_of} - {project.ownername}/{directory.name}"
    lines = [
        f"[{kind}:{_host()}:{owner}:{directory.name}{mark}]",
        f"name={name}",
        f"baseurl={results_url(project.ownername, directory.name, chroot, '')}",
        "type=rpm-md",
        "skip_if_unavailable=True",
        f"gpgcheck={int(bool(key))}",
        "repo_gpgcheck=0",
        "enabled=1",
        "enabled_metadata=1",
    ]
    if key:
        lines.append(f"gpgkey={key}")
    if project.repo_priority is not None:
        lines.append(f"priority={project.repo_priority}")
    if project.module_hotfixes:
        lines.append("module_hotfixes=1")
    return lines


def _dependency(project: Project, number: int, address: str, chroot: str) -> list[str]:
    name, wanted = identity(address), priority(address)
    return [
        "",
        f"[coprdep:{name}]",
        f"name=Copr {_host()}/{project.full_name} external runtime dependency #{number} - {name}",
        f"baseurl={expanded(address, chroot)}",
        "type=rpm-md",
        "skip_if_unavailable=True",
        "gpgcheck=0",
        "repo_gpgcheck=0",
        "enabled=1",
        "enabled_metadata=1",
        *([] if wanted is None else [f"priority={wanted}"]),
    ]
