"""Plans for API v2's calls on projects.

Rules: API v2 takes a project's id, API v3 its owner and name; the memory translates. What API v3 cannot do
is an error, and never ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..._errors import CoprAuthException, CoprNoResultException, CoprRequestException
from ..._typing import Any, TypeVar
from ..._wire import Call, Flow, Plan, Reply
from ...v3.calls import base
from ...v3.calls import project as calls
from ..memory import Memory
from ..routes import Inexpressible, Refused
from . import render
from .render import Document
from .requests import LONGEST_PAGE, id_in_path, number_in_query

T = TypeVar("T")

#: Least number of characters for a search of API v3.
SHORTEST_SEARCH = 3

#: Projects per request, and the most projects whose builds are joined in one list.
PAGE = 100
MOST_PROJECTS = 500


def get_list(memory: Memory, call: Call[Any]) -> Plan[Document]:
    """Return projects: by owner, by name, by words, or all."""
    limit, offset = number_in_query(call, "limit"), number_in_query(call, "offset")
    wanted = {name: call.query.get(name) for name in ("search_query", "owner", "group", "name")}
    found, skipped = yield from _found(wanted, limit or LONGEST_PAGE, offset or 0)
    for each in found:
        memory.projects.add(each)
    found = sorted(found, key=lambda each: each.id)[skipped : skipped + (limit or LONGEST_PAGE)]
    shown = {**wanted, "limit": limit, "offset": offset}
    return render.listing("projects", map(render.project, found), shown, "/projects")


def get(memory: Memory, call: Call[Any], project: str) -> Plan[Document]:
    """Return one project."""
    return render.project((yield from record_of_project(memory, id_in_path(project))))


def add(memory: Memory, call: Call[Any]) -> Plan[Reply]:
    """Create a project."""
    wanted = call.json
    name, owner = wanted["name"], wanted["owner"]
    if owner is None:
        owner = (yield from base.auth_check()).name
    enable_net = wanted["build_enable_net"]
    try:
        made = yield from calls.add(
            owner,
            name,
            wanted["chroots"],
            description=wanted["description"],
            instructions=wanted["instructions"],
            homepage=wanted["homepage"],
            contact=wanted["contact"],
            additional_repos=wanted["repos"],
            enable_net=True if enable_net is None else enable_net,
            devel_mode=bool(wanted["disable_createrepo"]),
        )
    except CoprRequestException as refused:
        if refused.status == 400 and (yield from _with_name(owner, name)):
            raise Refused(409, f"Copr: '{owner}/{name}' already exists") from refused
        raise
    memory.projects.add(made)
    return render.created(f"/projects/{made.id}")


def edit(memory: Memory, call: Call[Any], project: str) -> Plan[Reply]:
    """Change a project."""
    wanted = call.json
    changed = yield from on_project(
        memory,
        id_in_path(project),
        lambda owner, name: calls.edit(
            owner,
            name,
            description=wanted["description"],
            instructions=wanted["instructions"],
            homepage=wanted["homepage"],
            contact=wanted["contact"],
            additional_repos=wanted["repos"],
            enable_net=wanted["build_enable_net"],
            devel_mode=wanted["disable_createrepo"],
        ),
    )
    kept = [name for name in ("homepage", "contact") if changed[name] and not wanted[name]]
    if kept:
        raise Inexpressible(
            f"API v3 cannot empty the project's {' and '.join(kept)}; the rest was changed. "
            "Use the project's page on the service."
        )
    return render.done()


def delete(memory: Memory, call: Call[Any], project: str) -> Plan[Reply]:
    """Delete a project."""
    project_id = id_in_path(project)
    # API v3 deletes by name, and another project may have this name by now.
    yield from record_of_project(memory, project_id)
    yield from on_project(memory, project_id, calls.delete)
    memory.projects.forget(project_id)
    return render.done()


def record_of_project(memory: Memory, project_id: int) -> Plan[Any]:
    """Return a project's record, or raise Refused if no project has this id."""
    record = yield from on_project(memory, project_id, calls.get)
    if record.id != project_id:
        # The project that the memory knows was deleted, and another one has its name now.
        memory.projects.forget(project_id)
        memory.projects.add(record)
        record = yield from on_project(memory, project_id, calls.get)
    return record


def on_project(memory: Memory, project_id: int, plan: Callable[[str, str], Flow[T]]) -> Plan[T]:
    """Carry out a plan with a project's owner and name, or raise Refused if no project has this id."""
    name = yield from memory.projects.name_of(project_id)
    if name is None:
        raise _unknown(project_id)
    try:
        return (yield from plan(*name))
    except CoprNoResultException as gone:
        memory.projects.forget(project_id)
        raise _unknown(project_id) from gone


def _found(wanted: Mapping[str, Any], limit: int, offset: int) -> Plan[tuple[Sequence[Any], int]]:
    """Return the projects that match the query, and how many of them come before the page."""
    words, group, name = wanted["search_query"], wanted["group"], wanted["name"]
    owner = wanted["owner"] if group is None else f"@{group}"
    if words:
        found = yield from calls.search(words)
        return found if "/" in words else [each for each in found if _like(each, owner, name)], offset
    if owner and name:
        return (yield from _with_name(owner, name)), offset
    if name:
        if len(name) < SHORTEST_SEARCH:
            raise Inexpressible(
                f"API v3 finds projects by name only if it has {SHORTEST_SEARCH} letters or more. "
                "Give the owner too: project_proxy.get(owner, name)."
            )
        return (yield from _named(name)), offset
    page = {"limit": limit, "offset": offset, "order": "id", "order_type": "ASC"}
    return (yield from calls.get_list(owner, page)), 0


def _named(name: str) -> Plan[list[Any]]:
    """Return the projects with this name, of any owner.

    The search knows a new project only after the service has renewed its index, which may take an hour. So
    the project of the user who asks is requested by its name.
    """
    found = [each for each in (yield from calls.search(name)) if each.name == name]
    try:
        me = (yield from base.auth_check()).name
    except CoprAuthException:  # without a login, nobody asks
        return found
    if any(each.ownername == me for each in found):
        return found
    return [*found, *(yield from _with_name(me, name))]


def _with_name(owner: str, name: str) -> Plan[list[Any]]:
    """Return the project with this name in a list, or an empty list."""
    try:
        return [(yield from calls.get(owner, name))]
    except CoprNoResultException:
        return []


def some_projects(owner: str | None, what: str) -> Plan[Sequence[Any]]:
    """Return an owner's projects, or all; raise Refused if the owner has none, Inexpressible if too many."""
    found: list[Any] = []
    while len(found) <= MOST_PROJECTS:
        page = {"limit": PAGE, "offset": len(found), "order": "id", "order_type": "ASC"}
        some = yield from calls.get_list(owner, page)
        found += some
        if len(some) < PAGE:
            break
    else:
        subject = "this service" if owner is None else owner
        raise Inexpressible(
            f"API v3 lists {what} by project only, and {subject} has more than {MOST_PROJECTS} projects. "
            "Give the project: build_proxy.get_list(owner, project)."
        )
    if owner is not None and not found:
        raise Refused(404, f"User `{owner}` doesn't have any project", username=owner)
    return found


def _unknown(project_id: int) -> Refused:
    return Refused(404, f"Project with id `{project_id}` not found", project_id=project_id)


def _like(project: Any, owner: str | None, name: str | None) -> bool:
    """Return True if a project's owner and name contain these texts; upper and lower case are the same."""
    here, owner = project.ownername.lower(), (owner or "").lower()
    is_such = not owner or owner.startswith("@") == here.startswith("@")
    return is_such and owner.removeprefix("@") in here and (name or "").lower() in project.name.lower()
