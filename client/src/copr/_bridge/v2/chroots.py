"""Plans for API v2's calls on the chroots of projects."""

from __future__ import annotations

from ..._errors import CoprNoResultException, CoprRequestException
from ..._typing import Any
from ..._wire import Call, FilePart, Plan, Reply, Together
from ...v3.calls import project as projects
from ...v3.calls import project_chroot as calls
from ..memory import Memory
from ..routes import Inexpressible, Refused
from . import render
from .projects import on_project, record_of_project
from .render import Document
from .requests import check_chroot, id_in_path

#: How many chroots are requested in parallel.
AT_ONCE = 16


def get_list(memory: Memory, call: Call[Any], project: str) -> Plan[Document]:
    """Return the settings of each of a project's chroots."""
    project_id = id_in_path(project)
    record = yield from record_of_project(memory, project_id)
    requests = [calls.get(record.ownername, record.name, name) for name in record.chroot_repos]
    settings = yield Together(requests, AT_ONCE)
    items = (render.project_chroot(project_id, each) for each in settings)
    return render.listing("chroots", items, {}, f"/projects/{project_id}/chroots")


def get(memory: Memory, call: Call[Any], project: str, chroot: str) -> Plan[Document]:
    """Return the settings of one of a project's chroots."""
    project_id = id_in_path(project)
    check_chroot(chroot)
    settings = yield from _settings(memory, project_id, chroot)
    return render.project_chroot(project_id, settings)


def enable(memory: Memory, call: Call[Any], project: str) -> Plan[Reply]:
    """Add a chroot to a project."""
    project_id, wanted = id_in_path(project), call.json
    name = wanted["name"]
    record = yield from record_of_project(memory, project_id)
    if name in record.chroot_repos:
        raise Refused(409, f"Copr {record.full_name} already has chroot {name} enabled")
    try:
        render.chroot_parts(name)
        yield from projects.edit(record.ownername, record.name, [*record.chroot_repos, name])
    except ValueError as malformed:
        raise Refused(400, f"Bad mock chroot name: {name}. Error: {malformed}") from malformed
    except CoprRequestException as refused:
        if refused.status != 400:
            raise
        raise Refused(400, f"Bad mock chroot name: {name}. Error: {refused}") from refused
    if wanted["buildroot_pkgs"] or wanted["comps"]:
        yield from _edit(record.ownername, record.name, wanted)
    return render.created(f"/projects/{project_id}/chroots/{name}")


def edit(memory: Memory, call: Call[Any], project: str, chroot: str) -> Plan[Document]:
    """Change the settings of one of a project's chroots."""
    project_id = id_in_path(project)
    check_chroot(chroot)
    yield from _settings(memory, project_id, chroot)
    settings = yield from on_project(
        memory, project_id, lambda owner, of: _edit(owner, of, {**call.json, "name": chroot})
    )
    return render.project_chroot(project_id, settings, call.json["comps"])


def disable(memory: Memory, call: Call[Any], project: str, chroot: str) -> Plan[Reply]:
    """Remove a chroot from a project."""
    try:
        render.chroot_parts(chroot)
    except ValueError as malformed:
        raise Refused(400) from malformed
    record = yield from record_of_project(memory, id_in_path(project))
    left = [each for each in record.chroot_repos if each != chroot]
    if not left and record.chroot_repos:
        raise Inexpressible(
            f"API v3 cannot remove the last chroot of a project. Enable another one before you disable "
            f"{chroot}: project_proxy.edit(owner, name, chroots=[...])."
        )
    if len(left) < len(record.chroot_repos):
        yield from projects.edit(record.ownername, record.name, left)
    return render.done()


def _settings(memory: Memory, project_id: int, name: str) -> Plan[Any]:
    """Return the settings of one of a project's chroots, or raise Refused if it does not have this chroot."""
    owner_and_name = yield from on_project(memory, project_id, _as_given)
    try:
        settings = yield from calls.get(*owner_and_name, name)
    except (CoprNoResultException, CoprRequestException) as unknown:
        if unknown.status in (404, 500):
            raise Refused(404, "Requested object wasn't found") from unknown
        raise
    # A removed chroot can still be read while its results are kept; API v2 did not show it.
    if settings.delete_after_days is not None:
        raise Refused(404, "Requested object wasn't found")
    return settings


def _edit(owner: str, project: str, wanted: Document) -> Plan[Any]:
    """Change the packages and the comps file of a chroot, and return its settings."""
    packages = wanted["buildroot_pkgs"] or ""  # for API v3, an empty list means no change
    comps, comps_name = wanted["comps"], wanted["comps_name"]
    if not comps:
        # API v3 does not return the file: if only its name is known, the caller has not emptied it.
        emptied = comps == "" or comps_name is None
        edit = calls.edit(owner, project, wanted["name"], packages, delete_comps=emptied)
    else:
        name = comps_name or "comps.xml"
        part = FilePart("upload_comps", name, name, "application/text", comps.encode())
        edit = calls.edit(owner, project, wanted["name"], packages, comps=name)
        edit = edit.with_files([part])
    return (yield from edit)


def _as_given(owner: str, name: str) -> Plan[tuple[str, str]]:
    """Return a project's owner and name, for use with `on_project`."""
    yield from ()
    return owner, name
