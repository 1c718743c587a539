"""Builds, as API v1 has them, over API v3.

Rules: those of `routes`.
"""

from __future__ import annotations

from .._typing import Any
from .._wire import Call, Plan, Together
from ..v3.calls import base, build, build_chroot, module, submit
from ..v3.calls import package as calls
from . import API_V3, early
from .routes import if_told
from .v1_forms import CUSTOM, SUBMISSIONS, build_options, source, words

Document = dict[str, Any]


def auth_check(call: Call[Any]) -> Plan[Document]:
    """Whether the login counts."""
    yield from base.auth_check()
    return {"output": "ok"}


def details(call: Call[Any], number: str) -> Plan[Document]:
    """A build."""
    found, chroots, config, packages = yield Together(
        [
            build.get(int(number)),
            if_told(build_chroot.get_list(int(number))),
            if_told(build.get_source_build_config(int(number))),
            if_told(build.get_built_packages(int(number))),
        ],
        4,
    )
    return {
        "output": "ok",
        "status": found.state,
        "project": found.projectname,
        "project_dirname": found.project_dirname,
        "owner": found.ownername,
        "results": found.repo_url,
        "built_pkgs": _built(packages or {}) or None,
        "src_version": found.source_package.version,
        "src_pkg": (config.source_dict.get("url", "") if config else found.source_package.url) or "",
        "chroots": {each.name: early.state(each, found) for each in chroots or []},
        "results_by_chroot": {each.name: each.result_url for each in chroots or []},
        "submitted_on": found.submitted_on,
        "started_on": found.started_on,
        "ended_on": found.ended_on,
        "submitted_by": found.submitter,
    }


def cancel(call: Call[Any], number: str) -> Plan[Document]:
    """End a build."""
    yield from build.cancel(int(number))
    return {"output": "ok", "status": "Build canceled"}


def delete(call: Call[Any], number: str) -> Plan[Document]:
    """Delete a build."""
    yield from build.delete(int(number))
    return {"output": "ok", "status": "Build deleted"}


def from_urls(call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Submit builds of addresses."""
    form = call.form or {}
    made = yield from submit.create_from_urls(owner, name, words(form, "pkgs") or [], build_options(form))
    return _submitted(name, made, made)


def from_file(call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Submit a build of a file."""
    (part,) = call.files or ()
    options = build_options(call.form or {}, call.progress)
    made = yield from submit.create_from_file(owner, name, part.path, options)
    return _submitted(name, [made], made)


def from_source(call: Call[Any], owner: str, name: str, kind: str) -> Plan[Document]:
    """Submit a build from an index, a repository or a script."""
    form = call.form or {}
    kind, parameters = source(kind, form)
    renamed = {CUSTOM.get(each, each): value for each, value in parameters.items()}
    made = yield from SUBMISSIONS[kind](owner, name, **renamed, buildopts=build_options(form))  # type: ignore[operator]
    return _submitted(name, [made], made)


def module_build(call: Call[Any], owner: str, name: str) -> Plan[Document]:
    """Submit a module."""
    form = call.form or {}
    if call.files:
        submission = module.build_from_file(owner, name, call.files[0].path)
        # The caller's own part: for a file without a name it has the content, which has no path.
        made = yield from submission.with_files(call.files)
    else:
        made = yield from module.build_from_url(owner, name, form["scmurl"], form.get("branch", "master"))
    return {"output": "ok", "message": f"Created module {made.nsv}"}


def of_package(call: Call[Any], owner: str, name: str, package: str) -> Plan[Document]:
    """Submit a build of a package."""
    made = yield from calls.build(owner, name, package, build_options(call.form or {}))
    return {"output": "ok", "ids": [made.id], "message": f"Build was added to {name}."}


def _submitted(name: str, made: list[Any], answer: Any) -> Document:
    service = str(getattr(answer.__response__, "url", "")).partition(API_V3)[0]
    pages = "".join(f"\n  {service}/coprs/build/{each.id}/" for each in made)
    return {
        "output": "ok",
        "ids": [each.id for each in made],
        "message": f"Build was added to {name}:{pages}",
    }


def _built(packages: Any) -> list[str]:
    names = [
        f"{each['name']} {each['version']}"
        for chroot in packages.values()
        for each in chroot["packages"]
        if each["arch"] != "src"
    ]
    return list(dict.fromkeys(names))
