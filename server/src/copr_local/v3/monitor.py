"""`/monitor`: the result of the newest build of each package of a project, in each chroot."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, request

from ..filesystem import layout
from ..rules import monitor, states
from ..rules.errors import Invalid
from ..rules.monitor import Newest
from ..wire.context import reading
from ..wire.urls import results_url
from . import query
from .description import takes
from .routes import api

_LOGS = {"url_build_log": "builder-live.log", "url_backend_log": "backend.log"}
_PAGE = "url_build"  # accepted, but adds no field: clients build that URL themselves
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
    """Return the newest builds of a project's packages; a large response is sent one package at a time.

    :returns: for each package, the newest build in each chroot; log URLs only if the request asks for them.
    :raises Invalid: a query argument is missing, or an additional field is unknown.
    :raises NotFound: the project or the project directory does not exist.
    :raises HTTPException: the owner or project name is empty.
    :source: ``GET /api_3/monitor``
    """
    fields = request.args.getlist("additional_fields[]")
    with reading() as tx:
        project = query.project(tx)
        if wrong := sorted(set(fields) - {*_LOGS, _PAGE}):
            raise Invalid(f"Wrong additional_fields argument(s): {', '.join(wrong)}")
        directory = monitor.directory(project, request.args.get("project_dirname"))
        found = monitor.newest(tx, directory)
    logs = {field: _LOGS[field] for field in _LOGS if field in fields}
    place = results_url(project.ownername, directory.name)
    return Response(_text(found, place, logs), mimetype="application/json")


def _text(found: Mapping[str, list[Newest]], place: str, logs: Mapping[str, str]) -> Iterator[str]:
    """Yield the JSON text of the response, one package at a time."""
    yield '{"output": "ok","message": "Project monitor request successful","packages": ['
    separator = "\n"
    for name, chroots in found.items():
        shown = {chroot.chroot: _chroot(name, chroot, place, logs) for chroot in chroots}
        yield separator + json.dumps({"name": name, "chroots": shown})
        separator = ",\n"
    yield "]}" if found else "\n]}"


def _chroot(package: str, seen: Newest, place: str, logs: Mapping[str, str]) -> dict[str, Any]:
    """Return the entry of one chroot of a package."""
    folder = f"{place}/{seen.chroot}/{layout.chroot_build(seen.build_id, package)}"
    return {
        "state": seen.state,
        "status": _STATUS[seen.state],
        "build_id": seen.build_id,
        **{field: _log(folder, file, seen) for field, file in logs.items()},
        "pkg_version": seen.version,
    }


def _log(folder: str, file: str, seen: Newest) -> str | None:
    """Return the URL of a log; None before a builder writes it, and for builds without a log of their own."""
    if not seen.was_started or seen.state in ("forked", "skipped"):
        return None
    if seen.state in states.FINISHED:
        return f"{folder}/{file}.gz"
    return None if seen.state == "starting" and file == _LOGS["url_build_log"] else f"{folder}/{file}"
