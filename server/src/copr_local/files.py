"""What is published besides the APIs: results, uploaded sources, and `.repo` files that point dnf at results.

Files answer range requests and validators, so a growing log can be read piece by piece and a repository's
metadata is only sent when it changed. Every answer must be revalidated: what a build makes can be replaced
by the next one.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, redirect, render_template_string, request, send_file

from . import public_keys
from .context import reading, results_url, service
from .db import Transaction
from .models import Project, ProjectDir
from .repository_addresses import expanded, identity
from .rules import chroots, dependencies, projects
from .rules.errors import RuleError

files = Blueprint("files", __name__)

# A fixed type also keeps Flask from declaring a compressed file as a compressed answer, which clients
# would unpack.
_TYPES = {
    ".log": "text/plain",
    ".spec": "text/plain",
    ".repo": "text/plain",
    ".json": "application/json",
    ".xml": "application/xml",
    ".rpm": "application/x-rpm",
}
_ANY_TYPE = "application/octet-stream"

_INDEX = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Index of {{ path }}</title></head>
<body>
<h1>Index of {{ path }}</h1>
<table>
<tr><td><a href="../">../</a></td><td></td><td></td></tr>
{%- for name, modified, size in entries %}
<tr><td><a href="./{{ name|urlencode }}">{{ name }}</a></td><td>{{ modified }}</td><td>{{ size }}</td></tr>
{%- endfor %}
</table>
</body>
</html>
"""


@files.get("/results/", defaults={"path": ""})
@files.get("/results/<path:path>")
def result(path: str) -> Any:
    """A file or folder below the results."""
    return _published(service().storage.results, path)


@files.get("/tmp/<folder>/<name>")  # noqa: S108  (an address, not a path)
def upload(folder: str, name: str) -> Any:
    """An uploaded source, as long as its source step is not over."""
    return _published(service().storage.uploads, f"{folder}/{name}")


def _published(root: Path, path: str) -> Any:
    if _is_hidden(path):
        abort(404)
    try:
        found = (root / path).resolve(strict=True)
    except (OSError, ValueError):
        abort(404)
    if not found.is_relative_to(root.resolve()):
        abort(404)
    if found.is_dir():
        if not request.path.endswith("/"):
            return redirect(f"{request.path}/", 301)
        return _index(found, root)
    if not found.is_file():
        abort(404)
    response = send_file(found, mimetype=_TYPES.get(found.suffix, _ANY_TYPE), conditional=True)
    if found.name.endswith(".log.gz"):
        # Logs are for reading, in a browser too; the original says the same of them.
        response.headers["Content-Encoding"] = "gzip"
        response.mimetype = "text/plain"
    response.headers.pop("Content-Disposition", None)
    return response


def _is_hidden(path: str) -> bool:
    """Whether it is where builds work, a lock, or not complete; owners and projects may begin with a dot."""
    parts = [part for part in path.split("/") if part]
    return any(part.startswith(".") for part in parts[2:]) or not {".", ".."}.isdisjoint(parts)


def _index(folder: Path, root: Path) -> str:
    place = folder.relative_to(root.resolve()).as_posix()
    entries = []
    for entry in sorted(folder.iterdir(), key=lambda entry: (not entry.is_dir(), entry.name)):
        if _is_hidden(f"{place}/{entry.name}".removeprefix("./")):
            continue
        try:
            status = entry.stat()
        except OSError:
            continue
        name, size = (f"{entry.name}/", "") if entry.is_dir() else (entry.name, str(status.st_size))
        modified = datetime.fromtimestamp(status.st_mtime, UTC)
        entries.append((name, f"{modified:%Y-%m-%d %H:%M}", size))
    return render_template_string(_INDEX, path=request.path, entries=entries)


@files.get("/coprs/<ownername>/<dirname>/repo/<release>")
@files.get("/coprs/<ownername>/<dirname>/repo/<release>/<_filename>")
def repository_file(ownername: str, dirname: str, release: str, _filename: str = "") -> Response:
    """The `.repo` file of a project's folder for the chroots of one release, by whatever file name."""
    try:
        with reading() as tx:
            project = projects.get(tx, ownername, dirname.partition(":")[0])
            directory = next((found for found in project.dirs if found.name == dirname), None)
            names = [chroot.name for chroot in project.chroots]
            if directory is None or not any(release in (name, chroots.release(name)) for name in names):
                abort(404)
            if release in names:
                release = chroots.release(release)
            text = _repository(tx, project, directory, release)
    except RuleError:
        abort(404)
    return Response(text, mimetype=_TYPES[".repo"])


@files.get("/coprs/g/<group>/<dirname>/repo/<release>")
@files.get("/coprs/g/<group>/<dirname>/repo/<release>/<_filename>")
def group_repository_file(group: str, dirname: str, release: str, _filename: str = "") -> Response:
    """The same, for a group's project."""
    return repository_file(f"@{group}", dirname, release)


def _repository(tx: Transaction, project: Project, directory: ProjectDir, release: str) -> str:
    lines = _section(tx, project, directory, f"{release}-$basearch")
    names = [own.name for own in project.chroots if chroots.release(own.name) == release]
    is_multilib = project.multilib and {f"{release}-x86_64", f"{release}-i386"} <= set(names)
    if is_multilib and request.args.get("arch", "x86_64") == "x86_64":
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
    """The section of one repository; `mark` and `note` tell it from the first of its file.

    :param dependency_of: what needs it, where it is there for another project.
    """
    owner = project.ownername.replace("@", "group_")
    is_signed = tx.storage.directory(project.ownername, directory.name, public_keys.FILE_NAME).exists()
    kind, name = "copr", f"Copr repo for {directory.name} owned by {project.ownername}{note}"
    if dependency_of is not None:
        kind, name = "coprdep", f"{dependency_of} - {project.ownername}/{directory.name}"
    lines = [
        f"[{kind}:{_host()}:{owner}:{directory.name}{mark}]",
        f"name={name}",
        f"baseurl={results_url(project.ownername, directory.name, chroot, '')}",
        "type=rpm-md",
        "skip_if_unavailable=True",
        f"gpgcheck={int(is_signed)}",
        "repo_gpgcheck=0",
        "enabled=1",
        "enabled_metadata=1",
    ]
    if is_signed:
        lines.append(f"gpgkey={results_url(project.ownername, directory.name, public_keys.FILE_NAME)}")
    if project.repo_priority is not None:
        lines.append(f"priority={project.repo_priority}")
    if project.module_hotfixes:
        lines.append("module_hotfixes=1")
    return lines


def _dependency(project: Project, number: int, address: str, chroot: str) -> list[str]:
    name = identity(address)
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
    ]
