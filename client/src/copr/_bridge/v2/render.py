"""Responses of API v2, made from records of API v3.

Rules: sends nothing. Names, types and links are those of API v2, as recorded from services that had it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from ..._typing import Any
from ..._wire import Reply
from ..routes import answer

API = "/api_2"

Document = dict[str, Any]


def refusal(message: str | None, data: Mapping[str, Any]) -> Document | None:
    """Return the document of an error response; None without a message."""
    return None if message is None else {"message": message, **({"data": data} if data else {})}


def created(path: str) -> Reply:
    """Return the response to a request that created something, with its URL."""
    return answer(201, None, path, {"Location": API + path})


def done() -> Reply:
    """Return the response to a change, without a body."""
    return answer(204, None, API)


def root() -> Document:
    """Return the root."""
    return {
        "_links": _links(
            self=f"{API}/",
            **{name: f"{API}/{name}" for name in ("projects", "mock_chroots", "builds", "build_tasks")},
        )
    }


def listing(name: str, items: Iterable[Document], options: Mapping[str, Any], path: str) -> Document:
    """Return a list of items; `options`: those in its URL."""
    query = urlencode({option: value for option, value in options.items() if value is not None})
    return {name: list(items), "_links": _links(self=f"{API}{path}{'?' if query else ''}{query}")}


def project(record: Any) -> Document:
    """Return a project."""
    here = f"{API}/projects/{record.id}"
    return {
        "project": {
            "disable_createrepo": record.devel_mode,
            "description": record.description,
            "build_enable_net": record.enable_net,
            "homepage": record.homepage,
            "instructions": record.instructions,
            "repos": record.additional_repos,
            "owner": record.ownername,
            "is_a_group_project": record.ownername.startswith("@"),
            "name": record.name,
            "contact": record.contact,
            "id": record.id,
        },
        "_links": _links(
            self=here,
            builds=f"{API}/builds?project_id={record.id}",
            chroots=f"{here}/chroots",
            build_tasks=f"{API}/build_tasks?project_id={record.id}",
        ),
    }


def project_chroot(project_id: int, settings: Any, comps: str | None = None) -> Document:
    """Return the settings of a project's chroot; API v3 does not show the content of the comps file."""
    here = f"{API}/projects/{project_id}"
    return {
        "chroot": {
            "comps_name": settings.comps_name,
            "buildroot_pkgs": settings.additional_packages,
            "comps": comps,
            "comps_len": len(comps or ""),
            "name": settings.mock_chroot,
        },
        "_links": _links(project=here, self=f"{here}/chroots/{settings.mock_chroot}"),
    }


def build(record: Any, project: Any, source: Any, packages: Any, enable_net: bool) -> Document:
    """Return a build; `source`: the configuration of its source, `packages`: what it built; or None."""
    made = (package for chroot in (packages or {}).values() for package in chroot["packages"])
    names = dict.fromkeys((each["name"], each["version"]) for each in made if each["arch"] != "src")
    return {
        "build": {
            "enable_net": enable_net,
            "state": record.state,
            "submitter": record.submitter,
            "built_packages": [{"name": name, "version": version} for name, version in names],
            "package_version": record.source_package.version,
            "repos": project.additional_repos,
            "submitted_on": record.submitted_on,
            "package_name": record.source_package.name,
            "source_metadata": source and source.source_dict,
            "source_type": source and source.source_type,
            "id": record.id,
        },
        "_links": _links(
            self=f"{API}/builds/{record.id}",
            project=f"{API}/projects/{project.id}",
            build_tasks=f"{API}/build_tasks?build_id={record.id}",
        ),
    }


def build_task(record: Any, state: str, build_id: int, project_id: int) -> Document:
    """Return a build task; API v3 does not show the commit that was built."""
    return {
        "build_task": {
            "ended_on": record.ended_on,
            "state": state,
            "result_dir_url": record.result_url,
            "started_on": record.started_on,
            "build_id": build_id,
            "git_hash": None,
            "chroot_name": record.name,
        },
        "_links": _links(
            project=f"{API}/projects/{project_id}",
            build=f"{API}/builds/{build_id}",
            self=f"{API}/build_tasks/{build_id}/{record.name}",
        ),
    }


def mock_chroot(name: str) -> Document:
    """Return one of the service's chroots."""
    release, version, arch = chroot_parts(name)
    return {
        "chroot": {
            "name": name,
            "os_release": release,
            "os_version": version,
            "arch": arch,
            "is_active": True,
        },
        "_links": _links(self=f"{API}/mock_chroots/{name}"),
    }


def chroot_parts(name: str) -> list[str]:
    """Return a chroot's distribution, version and architecture; raise ValueError for an invalid name."""
    parts = name.rsplit("-", 2)
    if len(parts) != 3 or not all(parts):
        raise ValueError("Chroot identification is not valid")
    return parts


def _links(**urls: str) -> Document:
    return {name: {"href": url} for name, url in urls.items()}
