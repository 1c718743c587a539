"""Plans for API v2's calls on builds.

Rules: the fields of a build are in several responses of API v3, which are requested in parallel. API v3 lists
builds by project only; other lists are joined from those, if there are not too many projects.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence

from ..._errors import CoprAuthException, CoprException, CoprNoResultException, CoprRequestException
from ..._typing import Any
from ..._wire import Call, FilePart, Plan, Reply, Together
from ...v3.calls import build as calls
from ...v3.calls import build_chroot, submit
from ...v3.calls import project as projects
from ..memory import Memory
from ..routes import Refused, if_shown
from . import render
from .projects import on_project, record_of_project, some_projects
from .render import Document
from .requests import id_in_path, number_in_query, page_of

#: Largest number of calls at the same time.
AT_ONCE = 16

#: States of builds whose chroots have all started, or never will.
ALL_STARTED = frozenset({"succeeded", "failed", "skipped", "forked"})


def get_list(memory: Memory, call: Call[Any]) -> Plan[Document]:
    """Return builds, newest first: of a project, of an owner's projects, or all."""
    limit, offset = page_of(call)
    project_id, owner = number_in_query(call, "project_id"), call.query.get("owner")
    shown = {"owner": owner, "project_id": project_id, "limit": limit, "offset": offset or None}
    found: list[tuple[Any, Any]]
    if project_id is not None:
        project = yield from record_of_project(memory, project_id)
        page = yield from _newest(project, limit, offset)
        found = [(build, project) for build in page]
    else:
        of = yield from some_projects(owner, "builds")
        pages = yield Together([_newest(project, limit + offset) for project in of], AT_ONCE)
        found = [(build, project) for project, page in zip(of, pages, strict=True) for build in page]
        found.sort(key=lambda pair: -pair[0].id)
        found = found[offset : offset + limit]
    for _, project in found:
        memory.projects.add(project)
    documents = yield Together([_document(memory, build, project) for build, project in found], AT_ONCE)
    return render.listing("builds", documents, shown, "/builds")


def get(memory: Memory, call: Call[Any], build: str) -> Plan[Document]:
    """Return one build."""
    record = yield from record_of_build(id_in_path(build))
    project = yield from projects.get(record.ownername, record.projectname)
    memory.projects.add(project)
    return (yield from _document(memory, record, project))


def create(memory: Memory, call: Call[Any]) -> Plan[Reply]:
    """Submit a build of a source RPM: its URL or the file."""
    wanted = call.json if call.form is None else json.loads(call.form["metadata"].content)
    if call.form is None and len(wanted["srpm_url"].split()) != 1:
        raise Refused(400, "Failed to parse request: {'srpm_url': ['Not a valid URL.']}")
    options = {"enable_net": wanted["enable_net"]}
    if wanted["chroots"]:
        options["chroots"] = wanted["chroots"]

    def submission(owner: str, name: str) -> Generator[Any, Any, Any]:
        if call.form is None:
            return (yield from submit.create_from_urls(owner, name, [wanted["srpm_url"]], options))[0]
        file = call.form["srpm"]
        part = FilePart("pkgs", file.path, file.filename, "application/x-rpm", file.content)
        upload = submit.create_from_file(owner, name, file.filename, options)
        return (yield from upload.with_files([part]))

    made = yield from on_project(memory, wanted["project_id"], submission)
    memory.enable_net[made.id] = bool(wanted["enable_net"])
    return render.created(f"/builds/{made.id}")


def cancel(memory: Memory, call: Call[Any], build: str) -> Plan[Reply]:
    """Cancel a build; do nothing if it was cancelled before."""
    build_id = id_in_path(build)
    try:
        yield from calls.cancel(build_id)
    except CoprNoResultException as gone:
        raise _unknown(build_id) from gone
    except CoprAuthException as forbidden:
        if forbidden.status != 403:
            raise
        raise Refused(403, f"Failed to update build: {forbidden}") from forbidden
    except CoprRequestException as refused:
        if refused.status not in (400, 409):
            raise
        record = yield from record_of_build(build_id)
        if record.state != "canceled":
            raise Refused(400, f"Cannot update build due to: {refused}") from refused
    return render.created(f"/builds/{build_id}")


def delete(memory: Memory, call: Call[Any], build: str) -> Plan[Reply]:
    """Delete a build."""
    build_id = id_in_path(build)
    try:
        yield from calls.delete(build_id)
    except CoprNoResultException as gone:
        raise _unknown(build_id) from gone
    except CoprAuthException as forbidden:
        if forbidden.status != 403:
            raise
        text = f"Failed to delete build: You are not allowed to delete build `{build_id}`."
        raise Refused(403, text) from forbidden
    except CoprRequestException as refused:
        record = yield from record_of_build(build_id)
        if record.state in ALL_STARTED or record.state == "canceled":
            raise
        text = f"Cannot delete build due to: You can not delete build `{build_id}` which is not finished."
        raise Refused(400, text) from refused
    return render.done()


def record_of_build(build_id: int) -> Plan[Any]:
    """Return a build's record, or raise Refused if no build has this id."""
    try:
        return (yield from calls.get(build_id))
    except CoprNoResultException as gone:
        raise _unknown(build_id) from gone


def _document(memory: Memory, build: Any, project: Any) -> Plan[Document]:
    """Return the document of a build."""
    requests: list[Any] = [
        if_shown(calls.get_source_build_config(build.id)),
        if_shown(calls.get_built_packages(build.id)),
        _has_net(memory, build, project),
    ]
    source, packages, enable_net = yield Together(requests, AT_ONCE)
    return render.build(build, project, source, packages, enable_net)


def _has_net(memory: Memory, build: Any, project: Any) -> Plan[bool]:
    """Return True if a build may use the network, from the memory, its first chroot or its project."""
    if build.id not in memory.enable_net and build.chroots:
        try:
            config = yield from build_chroot.get_build_config(build.id, build.chroots[0])
        except CoprException as gone:
            if gone.status not in (404, 500):
                raise
        else:
            return bool(config.enable_net)
    return memory.enable_net.get(build.id, bool(project.enable_net))


def _newest(project: Any, limit: int, offset: int = 0) -> Plan[Sequence[Any]]:
    """Return a page of a project's builds, newest first."""
    page = {"limit": limit, "offset": offset}
    return (yield from calls.get_list(project.ownername, project.name, pagination=page))


def _unknown(build_id: int) -> Refused:
    return Refused(404, f"Build with id `{build_id}` not found", build_id=build_id)
