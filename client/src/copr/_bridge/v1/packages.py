"""Plans for API v1's calls on packages."""

from __future__ import annotations

from ..._paging import Paging
from ..._typing import Any
from ..._wire import Call, Plan, Together
from ...v3.calls import build as builds
from ...v3.calls import package as calls
from ..memory import Memory
from . import render
from .render import Document
from .requests import build_options, source, switch

#: Builds per page of a package's builds.
PAGE = 100

#: Largest number of packages whose builds are requested in parallel.
AT_ONCE = 8

_SAVED = "Create or edit operation was successful."


def get_list(memory: Memory, call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Return a project's packages."""
    found = yield from calls.get_list(owner, name, None, **_wanted(call))
    project_id = yield from memory.projects.id_of(owner, name)
    shown = yield Together([_document(each, project_id, call) for each in found], AT_ONCE)
    return {"packages": shown}


def get(memory: Memory, call: Call[Any], owner: str, name: str, package: str) -> Plan[Document]:
    """Return one package."""
    found = yield from calls.get(owner, name, package, **_wanted(call))
    project_id = yield from memory.projects.id_of(owner, name)
    return {"package": (yield from _document(found, project_id, call))}


def add(memory: Memory, call: Call[Any], owner: str, name: str, kind: str) -> Plan[Document]:
    """Create a package."""
    kind, parameters = _source(call, kind)
    made = yield from calls.add(owner, name, (call.form or {})["package_name"], kind, parameters)
    return (yield from _changed(memory, call, owner, name, made, _SAVED))


def edit(memory: Memory, call: Call[Any], owner: str, name: str, package: str, kind: str) -> Plan[Document]:
    """Change a package."""
    kind, parameters = _source(call, kind)
    changed = yield from calls.edit(owner, name, package, kind, parameters)
    return (yield from _changed(memory, call, owner, name, changed, _SAVED))


def reset(memory: Memory, call: Call[Any], owner: str, name: str, package: str) -> Plan[Document]:
    """Remove a package's source."""
    changed = yield from calls.reset(owner, name, package)
    message = "Package's default source was successfully reseted."
    return (yield from _changed(memory, call, owner, name, changed, message))


def delete(memory: Memory, call: Call[Any], owner: str, name: str, package: str) -> Plan[Document]:
    """Delete a package."""
    deleted = yield from calls.delete(owner, name, package)
    message = "Package was successfully deleted."
    return (yield from _changed(memory, call, owner, name, deleted, message))


def build(memory: Memory, call: Call[Any], owner: str, name: str, package: str) -> Plan[Document]:
    """Submit a build of a package."""
    made = yield from calls.build(owner, name, package, build_options(call.form or {}))
    return render.done(ids=[made.id], message=f"Build was added to {name}.")


def _wanted(call: Call[Any]) -> dict[str, bool | None]:
    """Return the options of API v3's call: which builds the response must have."""
    names = ("with_latest_build", "with_latest_succeeded_build")
    return {name: True if call.query.get(name) else None for name in names}


def _source(call: Call[Any], kind: str) -> tuple[str, Document]:
    """Return the source type of a package in API v3, and its parameters."""
    form = call.form or {}
    kind, parameters = source(kind, form)
    if "webhook_rebuild" in form:
        parameters["webhook_rebuild"] = switch(form, "webhook_rebuild")
    if "max_builds" in form:
        parameters["max_builds"] = form["max_builds"]
    return kind, parameters


def _changed(
    memory: Memory, call: Call[Any], owner: str, name: str, record: Any, message: str
) -> Plan[Document]:
    """Return the document of a package after a change."""
    project_id = yield from memory.projects.id_of(owner, name)
    return render.done(message=message, package=(yield from _document(record, project_id, call)))


def _document(record: Any, project_id: int, call: Call[Any]) -> Plan[Document]:
    """Return the document of a package, with the builds that the call requests."""
    shown = render.package(record, project_id)
    newest = getattr(record, "builds", None)
    latest = {"latest_build": "latest", "latest_succeeded_build": "latest_succeeded"}
    wanted = [name for name in latest if call.query.get(f"with_{name}")]
    every: list[Any] = []
    if call.query.get("with_all_builds") or (wanted and newest is None):
        every = yield from _builds_of(record)
    if newest is None:
        # API v3 of 2020 showed no builds of a package, and its listing ignored the package's name.
        every = [each for each in every if each.source_package.name == record.name]
        succeeded = [each for each in every if each.state == "succeeded"]
        newest = {
            "latest": max(every, key=_id, default=None),
            "latest_succeeded": max(succeeded, key=_id, default=None),
        }
    for name in wanted:
        found = newest[latest[name]]
        shown[name] = None if found is None else render.package_build(found)
    if call.query.get("with_all_builds"):
        shown["builds"] = [render.package_build(each) for each in every]
    return shown


def _id(build: Any) -> int:
    return int(build.id)


def _builds_of(record: Any) -> Plan[list[Any]]:
    """Return all builds of a package."""
    page = yield from builds.get_list(
        record.ownername, record.projectname, packagename=record.name, pagination={"limit": PAGE}
    )
    paging = Paging(page)
    found = paging.fresh(page)
    while not paging.ended:
        (following,) = paging.next_calls(1)
        page = yield from following
        while not paging.take(page):
            page = yield from paging.call_again()
        found += paging.fresh(page)
    return found
