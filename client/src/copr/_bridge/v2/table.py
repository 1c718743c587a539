"""The calls of API v2, and the plans that carry them out over API v3."""

from __future__ import annotations

from .. import Bridge
from ..routes import Route, Routes
from . import build_tasks, builds, chroots, projects, service
from .render import API, refusal

#: What the paths of a project, of a project's chroot, and of a build begin with.
PROJECT = f"{API}/projects/{{project}}"
CHROOT = f"{PROJECT}/chroots/{{chroot}}"
BUILD = f"{API}/builds/{{build}}"

ROUTES = (
    Route("GET", f"{API}/", service.get_root),
    Route("GET", f"{API}/projects", projects.get_list),
    Route("POST", f"{API}/projects", projects.add),
    Route("GET", PROJECT, projects.get),
    Route("PUT", PROJECT, projects.edit),
    Route("DELETE", PROJECT, projects.delete),
    Route("GET", f"{PROJECT}/chroots", chroots.get_list),
    Route("POST", f"{PROJECT}/chroots", chroots.enable),
    Route("GET", CHROOT, chroots.get),
    Route("PUT", CHROOT, chroots.edit),
    Route("DELETE", CHROOT, chroots.disable),
    Route("GET", f"{API}/builds", builds.get_list),
    Route("POST", f"{API}/builds", builds.create),
    Route("GET", BUILD, builds.get),
    Route("PUT", BUILD, builds.cancel),
    Route("DELETE", BUILD, builds.delete),
    Route("GET", f"{API}/build_tasks", build_tasks.get_list),
    Route("GET", f"{API}/build_tasks/{{build}}/{{chroot}}", build_tasks.get),
    Route("GET", f"{API}/mock_chroots", service.get_mock_chroots),
    Route("GET", f"{API}/mock_chroots/{{name}}", service.get_mock_chroot),
)


def make_bridge() -> Bridge:
    """Make the bridge of one connection."""
    return Routes(ROUTES, refusal)
