"""Packages, as API v1 has them, over API v3.

Rules: those of `routes`. What API v3 does not tell of a package, or of a package's build, is None. A plan is
handed what finds the number of a project (`ids`) first.
"""

from __future__ import annotations

import json

from .._paging import Paging
from .._typing import Any
from .._wire import Call, Plan, Together
from ..v3.calls import build
from ..v3.calls import package as calls
from .ids import ProjectIds
from .v1_forms import source, switch

Document = dict[str, Any]

#: Builds in one page of a package's builds.
PAGE = 100

#: Packages whose builds are asked for at once.
AT_ONCE = 8

#: What a source got since the days of API v1.
_LATER_PARAMETERS = frozenset({"spec_generator", "repos"})

#: What is called otherwise since then.
_OLD_NAMES = {"source_build_method": "srpm_build_method"}

#: What API v1 told of a package's build, and API v3 does not.
_UNTOLD = """
    batch_id built_packages canceled copr_dir_id enable_net fail_type memory_reqs module_id package_id repos
    resubmitted_from_id scm_object_id scm_object_type scm_object_url source_json source_status source_type
    srpm_url timeout update_callback user_id
"""


def every(ids: ProjectIds, call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """A project's packages."""
    found = yield from calls.get_list(owner, name, None, **_wanted(call))
    number = yield from ids.number_of(owner, name)
    shown = yield Together([_package(each, number, call) for each in found], AT_ONCE)
    return {"packages": shown}


def get(ids: ProjectIds, call: Call[Any], owner: str, name: str, package: str) -> Plan[Document]:
    """A package."""
    found = yield from calls.get(owner, name, package, **_wanted(call))
    number = yield from ids.number_of(owner, name)
    return {"package": (yield from _package(found, number, call))}


def add(ids: ProjectIds, call: Call[Any], owner: str, name: str, kind: str) -> Plan[Document]:
    """Create a package."""
    kind, parameters = _of_package(call, kind)
    made = yield from calls.add(owner, name, (call.form or {})["package_name"], kind, parameters)
    return (yield from _changed(ids, call, made, owner, name, "Create or edit operation was successful."))


def edit(ids: ProjectIds, call: Call[Any], owner: str, name: str, package: str, kind: str) -> Plan[Document]:
    """Change a package."""
    kind, parameters = _of_package(call, kind)
    changed = yield from calls.edit(owner, name, package, kind, parameters)
    return (yield from _changed(ids, call, changed, owner, name, "Create or edit operation was successful."))


def reset(ids: ProjectIds, call: Call[Any], owner: str, name: str, package: str) -> Plan[Document]:
    """Forget a package's source."""
    changed = yield from calls.reset(owner, name, package)
    message = "Package's default source was successfully reseted."
    return (yield from _changed(ids, call, changed, owner, name, message))


def delete(ids: ProjectIds, call: Call[Any], owner: str, name: str, package: str) -> Plan[Document]:
    """Delete a package."""
    deleted = yield from calls.delete(owner, name, package)
    return (yield from _changed(ids, call, deleted, owner, name, "Package was successfully deleted."))


def _wanted(call: Call[Any]) -> dict[str, bool]:
    names = ("with_latest_build", "with_latest_succeeded_build")
    return {name: bool(call.query.get(name)) for name in names}


def _of_package(call: Call[Any], kind: str) -> tuple[str, Document]:
    form = call.form or {}
    kind, parameters = source(kind, form)
    if "webhook_rebuild" in form:
        parameters["webhook_rebuild"] = switch(form, "webhook_rebuild")
    if "max_builds" in form:
        parameters["max_builds"] = form["max_builds"]
    return kind, parameters


def _changed(
    ids: ProjectIds, call: Call[Any], record: Any, owner: str, name: str, message: str
) -> Plan[Document]:
    number = yield from ids.number_of(owner, name)
    shown = yield from _package(record, number, call)
    return {"output": "ok", "message": message, "package": shown}


def _package(record: Any, number: int, call: Call[Any]) -> Plan[Document]:
    parameters = {
        _OLD_NAMES.get(name, name): "" if value is None else value
        for name, value in record.source_dict.items()
        if name not in _LATER_PARAMETERS
    }
    shown: Document = {
        "id": record.id,
        "name": record.name,
        "copr_id": number,
        "copr_dir_id": None,
        "source_type": record.source_type,
        "source_json": json.dumps(parameters),
        "webhook_rebuild": record.auto_rebuild,
        "enable_net": False,
        "max_builds": None,
        "chroot_blacklist_raw": None,
    }
    newest = getattr(record, "builds", None)
    latest = {"latest_build": "latest", "latest_succeeded_build": "latest_succeeded"}
    wanted = [name for name in latest if call.query.get(f"with_{name}")]
    every: list[Any] = []
    if call.query.get("with_all_builds") or (wanted and newest is None):
        every = yield from _builds_of(record)
    if newest is None:  # in its first years API v3 told none, and listed those of all packages
        every = [each for each in every if each.source_package.name == record.name]
        newest = {
            "latest": max(every, key=_number, default=None),
            "latest_succeeded": max(
                (each for each in every if each.state == "succeeded"), key=_number, default=None
            ),
        }
    for name in wanted:
        newest_one = newest[latest[name]]
        shown[name] = None if newest_one is None else _build(newest_one)
    if call.query.get("with_all_builds"):
        shown["builds"] = [_build(each) for each in every]
    return shown


def _number(build: Any) -> int:
    return int(build.id)


def _builds_of(record: Any) -> Plan[list[Any]]:
    page = yield from build.get_list(
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


def _build(record: Any) -> Document:
    """A build as packages show theirs, as far as API v3 shows it there."""
    return {
        **dict.fromkeys(_UNTOLD.split()),
        "id": record.id,
        "state": record.state,
        "chroots": dict.fromkeys(record.chroots, record.state),
        "pkg_version": record.source_package.version,
        "src_pkg": record.source_package.url,
        "result_dir": f"{record.id:08d}",
        "is_background": getattr(record, "is_background", None),
        "submitted_on": record.submitted_on,
        "submitted_by": None,
        "canceled": record.state == "canceled",
    }
