"""API v2 over API v3: the table, and its smallest rows.

Rules: a row says which call of API v2 is which plan, and which methods of API v3's client do the same; the
plans are in `v2_projects` and `v2_builds`, the shape of the answers is in `v2_render`. A bridge remembers the
projects it met, by number, and nothing that could become wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Generator

from .._typing import Any
from .._wire import Call, Flow, Plan, Step
from ..v3.calls import base, mock_chroot
from . import Bridge
from . import v2_render as render
from .ids import ProjectIds
from .routes import Route, Routes, answer
from .v2_builds import Builds, BuildTasks
from .v2_projects import ProjectChroots, Projects
from .v2_render import API, Document, Refused


def make_bridge() -> Bridge:
    """The bridge of one connection."""
    return Routes(routes(), lambda text: {"message": text})


def routes() -> list[Route]:
    """The rows, with what they have in common: the projects that were met."""
    ids = ProjectIds()
    projects = Projects(ids)
    chroots = ProjectChroots(projects)
    builds = Builds(ids, projects)
    tasks = BuildTasks(ids, projects, builds)
    rows: list[tuple[str, str, Callable[..., Flow[Any]], str]] = [
        ("GET", "/", _root, "base_proxy.home"),
        ("GET", "/projects", projects.list, "project_proxy.get_list, search, get"),
        ("POST", "/projects", projects.create, "project_proxy.add"),
        ("GET", "/projects/{project_id}", projects.get, "project_proxy.get"),
        ("PUT", "/projects/{project_id}", projects.update, "project_proxy.edit"),
        ("DELETE", "/projects/{project_id}", projects.delete, "project_proxy.delete"),
        ("GET", "/projects/{project_id}/chroots", chroots.list, "project_chroot_proxy.get"),
        ("POST", "/projects/{project_id}/chroots", chroots.enable, "project_proxy.edit"),
        ("GET", "/projects/{project_id}/chroots/{name}", chroots.get, "project_chroot_proxy.get"),
        ("PUT", "/projects/{project_id}/chroots/{name}", chroots.update, "project_chroot_proxy.edit"),
        ("DELETE", "/projects/{project_id}/chroots/{name}", chroots.disable, "project_proxy.edit"),
        ("GET", "/builds", builds.list, "build_proxy.get_list"),
        ("POST", "/builds", builds.create, "build_proxy.create_from_url, create_from_file"),
        ("GET", "/builds/{build_id}", builds.get, "build_proxy.get"),
        ("PUT", "/builds/{build_id}", builds.cancel, "build_proxy.cancel"),
        ("DELETE", "/builds/{build_id}", builds.delete, "build_proxy.delete"),
        ("GET", "/build_tasks", tasks.list, "build_chroot_proxy.get_list"),
        ("GET", "/build_tasks/{build_id}/{name}", tasks.get, "build_chroot_proxy.get"),
        ("GET", "/mock_chroots", _mock_chroots, "mock_chroot_proxy.get_list"),
        ("GET", "/mock_chroots/{name}", _mock_chroot, "mock_chroot_proxy.get_list"),
    ]
    return [Route(method, API + path, _refusable(plan), v3) for method, path, plan, v3 in rows]


def _refusable(plan: Callable[..., Flow[Any]]) -> Callable[..., Flow[Any]]:
    """A plan that answers what it refuses."""

    def carried_out(call: Call[Any], **names: str) -> Generator[Step, Any, Any]:
        try:
            return (yield from plan(call, **names))
        except Refused as refused:
            return answer(refused.status, refused.document, call.path)

    return carried_out


def _root(call: Call[Any]) -> Plan[Document]:
    yield from base.home()
    return render.root()


def _mock_chroots(call: Call[Any]) -> Plan[Document]:
    """The service's chroots; API v3 tells only those that builds can use."""
    active_only = call.query.get("active_only") or None
    found = yield from mock_chroot.get_list()
    items = (render.mock_chroot(name) for name in found if not name.startswith("_"))
    return render.listing("chroots", items, {"active_only": active_only}, "/mock_chroots")


def _mock_chroot(call: Call[Any], name: str) -> Plan[Document]:
    try:
        render.chroot_parts(name)
    except ValueError as malformed:
        raise Refused(400) from malformed
    if name not in (yield from mock_chroot.get_list()):
        raise Refused(404, "Requested object wasn't found")
    return render.mock_chroot(name)
