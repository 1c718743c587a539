"""Plans for API v1's calls on the chroots of projects."""

from __future__ import annotations

from ..._typing import Any
from ..._wire import Call, Plan, Together
from ...v3.calls import project as projects
from ...v3.calls import project_chroot as calls
from ..memory import Memory
from . import render
from .render import Document
from .requests import switch


def get_packages(memory: Memory, call: Call[Any], owner: str, name: str, chroot: str) -> Plan[Document]:
    """Return the packages that are installed in a chroot before each build."""
    return render.buildroot_packages((yield from calls.get(owner, name, chroot)))


def edit_packages(memory: Memory, call: Call[Any], owner: str, name: str, chroot: str) -> Plan[Document]:
    """Change the packages that are installed in a chroot before each build."""
    packages = (call.form or {}).get("buildroot_pkgs", "")
    changed = yield from calls.edit(owner, name, chroot, additional_packages=packages)
    return render.buildroot_packages(changed)


def get(memory: Memory, call: Call[Any], owner: str, name: str, chroot: str) -> Plan[Document]:
    """Return the settings of a chroot."""
    found = yield from calls.get(owner, name, chroot)
    project_id = yield from memory.projects.id_of(owner, name)
    return render.done(chroot=render.chroot(found, project_id))


def edit(memory: Memory, call: Call[Any], owner: str, name: str, chroot: str) -> Plan[Document]:
    """Change the settings of a chroot."""
    form = call.form or {}
    changed = yield from calls.edit(
        owner,
        name,
        chroot,
        additional_packages=form.get("buildroot_pkgs"),
        additional_repos=form.get("repos"),
        comps=form["upload_comps"].path if "upload_comps" in form else None,
        delete_comps=bool(switch(form, "delete_comps")),
    )
    project_id = yield from memory.projects.id_of(owner, name)
    return render.done(
        message="Edit chroot operation was successful.", chroot=render.chroot(changed, project_id)
    )


def get_build_config(memory: Memory, call: Call[Any], owner: str, name: str, chroot: str) -> Plan[Document]:
    """Return the configuration of builds in a chroot."""
    config, found = yield Together(
        [calls.get_build_config(owner, name, chroot), projects.get(owner, name)], 2
    )
    return render.build_config(owner, name, chroot, config, found)
