"""Plans for API v1's calls on builds, on the login and on modules."""

from __future__ import annotations

from ..._typing import Any
from ..._wire import Call, Plan, Together
from ...v3.calls import base, build_chroot, module, submit
from ...v3.calls import build as calls
from ..memory import Memory
from ..routes import Inexpressible, if_shown
from . import render
from .render import Document
from .requests import CUSTOM, SUBMISSIONS, build_options, source, words


def auth_check(memory: Memory, call: Call[Any]) -> Plan[Document]:
    """Check the login."""
    yield from base.auth_check()
    return render.done()


def get(memory: Memory, call: Call[Any], build_id: str) -> Plan[Document]:
    """Return one build."""
    found, chroots, config, packages = yield Together(
        [
            calls.get(int(build_id)),
            if_shown(build_chroot.get_list(int(build_id))),
            if_shown(calls.get_source_build_config(int(build_id))),
            if_shown(calls.get_built_packages(int(build_id))),
        ],
        4,
    )
    return render.build(found, chroots or [], config, packages or {})


def cancel(memory: Memory, call: Call[Any], build_id: str) -> Plan[Document]:
    """Cancel a build."""
    yield from calls.cancel(int(build_id))
    return render.done(status="Build canceled")


def delete(memory: Memory, call: Call[Any], build_id: str) -> Plan[Document]:
    """Delete a build."""
    yield from calls.delete(int(build_id))
    return render.done(status="Build deleted")


def create_from_urls(memory: Memory, call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Submit builds of URLs."""
    form = call.form or {}
    made = yield from submit.create_from_urls(owner, name, words(form, "pkgs") or [], build_options(form))
    return render.submitted(name, made, made.__response__)


def create_from_file(memory: Memory, call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Submit a build of a file."""
    form = call.form or {}
    options = build_options(form, call.progress)
    made = yield from submit.create_from_file(owner, name, form["pkgs"].path, options)
    return render.submitted(name, [made], made.__response__)


def create_from_source(memory: Memory, call: Call[Any], owner: str, name: str, kind: str) -> Plan[Document]:
    """Submit a build of an index, a repository or a script."""
    form = call.form or {}
    kind, parameters = source(kind, form)
    renamed = {CUSTOM.get(each, each): value for each, value in parameters.items()}
    made = yield from SUBMISSIONS[kind](owner, name, **renamed, buildopts=build_options(form))  # type: ignore[operator]
    return render.submitted(name, [made], made.__response__)


def build_module(memory: Memory, call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Submit a module."""
    form = call.form or {}
    if part := form.get("modulemd"):
        submission = module.build_from_file(owner, name, part.path)
        # The caller's own part: for a file without a name it has the content, which has no path.
        made = yield from submission.with_files([part])
    else:
        made = yield from module.build_from_url(owner, name, form["scmurl"], form.get("branch", "master"))
    return render.done(message=f"Created module {made.nsv}")


def get_module_repo(memory: Memory, call: Call[Any]) -> Plan[Document]:
    """Refuse a call for the repository of a module: API v3 never had an endpoint for it."""
    raise Inexpressible(
        "Today's Copr services have no modules, and no repositories of modules. For the repository of a "
        "chroot, see `chroot_repos` in the result of copr.v3.Client.project_proxy.get."
    )
