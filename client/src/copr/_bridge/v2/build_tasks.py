"""Plans for API v2's calls on build tasks, which API v3 calls build chroots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..._errors import CoprException
from ..._typing import Any
from ..._wire import Call, Plan, Together
from ...v3.calls import build as builds
from ...v3.calls import build_chroot as calls
from .. import v3_of_2020 as early
from ..memory import Memory
from ..routes import Refused
from . import render
from .builds import ALL_STARTED, AT_ONCE, record_of_build
from .projects import record_of_project, some_projects
from .render import Document
from .requests import check_chroot, id_in_path, number_in_query, page_of

#: Error text of API v3, with status 500, if the service does not have a chroot.
NO_SUCH_CHROOT = "Chroot identification is not valid"

#: Builds per request.
PAGE = 100

#: The states that a build task can have.
STATES = "failed succeeded canceled running pending skipped starting importing forked waiting unknown"


def get_list(memory: Memory, call: Call[Any]) -> Plan[Document]:
    """Return build tasks: first those that have not started, then the others, both in the order of builds."""
    limit, offset = page_of(call)
    owner, state = call.query.get("owner"), call.query.get("state")
    project_id, build_id = number_in_query(call, "project_id"), number_in_query(call, "build_id")
    if state is not None and state not in STATES.split():
        raise Refused(
            400,
            "Failed to validate query parameter: state",
            error=f"{state} is not a valid choice",
            help=f"allowed states: {STATES}",
        )
    of = yield from _builds(memory, build_id, project_id, owner)
    tasks = yield from _first_tasks(of, state, offset + limit)
    documents = []
    for build, task in tasks[offset : offset + limit]:
        its_project = yield from _project_id(memory, build.id, build)
        documents.append(render.build_task(task, early.state(task, build), build.id, its_project))
    shown = {
        "owner": owner,
        "project_id": project_id,
        "build_id": build_id,
        "limit": limit,
        "offset": offset or None,
        "state": state,
    }
    return render.listing("build_tasks", documents, shown, "/build_tasks")


def get(memory: Memory, call: Call[Any], build: str, chroot: str) -> Plan[Document]:
    """Return one build task."""
    build_id = id_in_path(build)
    check_chroot(chroot)
    try:
        task = yield from calls.get(build_id, chroot)
    except CoprException as gone:
        if gone.status != 404 and str(gone) != NO_SUCH_CHROOT:
            raise
        # Services with API v2 send these braces.
        raise Refused(404, "Build task {} for build {} not found") from gone
    state = getattr(task, "state", None)
    if state is None:
        state = early.state(task, (yield from record_of_build(build_id)))
    return render.build_task(task, state, build_id, (yield from _project_id(memory, build_id)))


def _builds(
    memory: Memory, build_id: int | None, project_id: int | None, owner: str | None
) -> Plan[Sequence[Any]]:
    """Return the builds whose tasks are listed: one build, those of a project, or those of an owner."""
    of: Sequence[Any]
    try:
        if build_id is not None:
            return [(yield from record_of_build(build_id))]
        if project_id is not None:
            of = [(yield from record_of_project(memory, project_id))]
        else:
            of = yield from some_projects(owner, "build tasks")
    except Refused:
        return []
    pages = yield Together([_all_builds(project) for project in of], AT_ONCE)
    for project in of:
        memory.projects.add(project)
    return [build for page in pages for build in page]


def _project_id(memory: Memory, build_id: int, build: Any = None) -> Plan[int]:
    """Return the id of a build's project, which never changes."""
    if build_id not in memory.project_of_build:
        record = (yield from record_of_build(build_id)) if build is None else build
        project_id = yield from memory.projects.id_of(record.ownername, record.projectname)
        memory.project_of_build[build_id] = project_id
    return memory.project_of_build[build_id]


def _all_builds(project: Any) -> Plan[Sequence[Any]]:
    """Return a project's builds, each once; a new build can move others to the next page meanwhile."""
    found: dict[int, Any] = {}
    offset = 0
    while True:
        page = {"limit": PAGE, "offset": offset}
        some = yield from builds.get_list(project.ownername, project.name, pagination=page)
        found.update((build.id, build) for build in some)
        if len(some) < PAGE:
            return list(found.values())
        offset += PAGE


def _first_tasks(of: Iterable[Any], state: str | None, count: int) -> Plan[Sequence[tuple[Any, Any]]]:
    """Return at least the first `count` tasks of builds: those that have not started, then the others.

    Both are in the order of builds. Tasks are requested only as needed: first for builds that can have tasks
    that have not started, then for the oldest builds.
    """
    oldest_first = sorted(of, key=lambda build: build.id)
    if state == "failed":
        oldest_first = [build for build in oldest_first if build.state not in ("succeeded", "skipped")]
    unclear = [build for build in oldest_first if build.state not in ALL_STARTED]
    known: dict[int, Sequence[Any]] = {}
    yield from _request_tasks(known, unclear)
    waiting = [pair for pair in _pairs(unclear, known, state) if pair[1].started_on is None]
    started: list[tuple[Any, Any]] = []
    for place in range(0, len(oldest_first), AT_ONCE):
        if len(waiting) + len(started) >= count:
            break
        some = oldest_first[place : place + AT_ONCE]
        yield from _request_tasks(known, some)
        new = [pair for pair in _pairs(some, known, state) if pair not in waiting]
        waiting += [pair for pair in new if pair[1].started_on is None]
        started += [pair for pair in new if pair[1].started_on is not None]
    return [*waiting, *started]


def _request_tasks(known: dict[int, Sequence[Any]], of: Iterable[Any]) -> Plan[None]:
    """Request the tasks of builds that are not in `known` yet, and add them to it."""
    missing = [build.id for build in of if build.id not in known]
    found = yield Together([calls.get_list(build_id) for build_id in missing], AT_ONCE)
    known.update(zip(missing, found, strict=True))


def _pairs(
    of: Iterable[Any], known: dict[int, Sequence[Any]], state: str | None
) -> Iterable[tuple[Any, Any]]:
    """Yield each build with each of its tasks that has the given state; None for all states."""
    for build in of:
        for task in sorted(known[build.id], key=lambda each: str(each.name)):
            if state in (None, early.state(task, build)):
                yield build, task
