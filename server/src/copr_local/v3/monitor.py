"""`/monitor`: what came of the newest build of each package of a project, in each chroot."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, request

from ..context import reading, results_url, service
from ..rules import monitor, projects, states
from ..rules.errors import Invalid
from ..rules.monitor import Newest
from . import query
from .description import takes
from .routes import api

_LOGS = {"url_build_log": "builder-live.log", "url_backend_log": "backend.log"}
_PAGE = "url_build"
_STATUS = {
    "failed": 0,
    "succeeded": 1,
    "canceled": 2,
    "running": 3,
    "pending": 4,
    "skipped": 5,
    "starting": 6,
    "importing": 7,
    "forked": 8,
    "waiting": 9,
}


@api.get("/monitor")
@takes(query="ownername projectname", optional="project_dirname additional_fields[]")
def get_monitor() -> Any:
    """What came of the newest builds; sent a package at a time, as projects can have thousands."""
    ownername, projectname = query.argument("ownername"), query.argument("projectname")
    fields = request.args.getlist("additional_fields[]")
    if wrong := sorted(set(fields) - {*_LOGS, _PAGE}):
        raise Invalid(f"Wrong additional_fields argument(s): {', '.join(wrong)}")
    with reading() as tx:
        project = projects.get(tx, ownername, projectname)
        directory = monitor.directory(project, request.args.get("project_dirname"))
        found = monitor.newest(tx, directory)
    logs = {field: _LOGS[field] for field in _LOGS if field in fields}
    place = results_url(project.ownername, directory.name)
    pages = f"{service().public_url}/coprs/build" if _PAGE in fields else None
    return Response(_text(found, place, logs, pages), mimetype="application/json")


def _text(
    found: Mapping[str, list[Newest]], place: str, logs: Mapping[str, str], pages: str | None
) -> Iterator[str]:
    yield '{"output": "ok","message": "Project monitor request successful","packages": ['
    separator = "\n"
    for name, chroots in found.items():
        shown = {chroot.chroot: _chroot(name, chroot, place, logs, pages) for chroot in chroots}
        yield separator + json.dumps({"name": name, "chroots": shown})
        separator = ",\n"
    yield "]}" if found else "\n]}"


def _chroot(
    package: str, seen: Newest, place: str, logs: Mapping[str, str], pages: str | None
) -> dict[str, Any]:
    is_over = seen.state in states.FINISHED
    folder = f"{place}/{seen.chroot}/{seen.build_id:08d}-{package}"
    urls = {
        field: f"{folder}/{file}{'.gz' if is_over else ''}" if seen.was_started else None
        for field, file in logs.items()
    }
    return {
        "state": seen.state,
        "status": _STATUS[seen.state],
        "build_id": seen.build_id,
        **urls,
        **({_PAGE: f"{pages}/{seen.build_id}/"} if pages else {}),
        "pkg_version": seen.version,
    }
