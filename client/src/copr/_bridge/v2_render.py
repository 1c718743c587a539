"""What API v2 would have answered, made of records of API v3.

Rules: pure. Names, types and links are those of API v2; source: the recorded answers of frontends that had
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from .._typing import Any
from .._wire import Reply
from .routes import answer

API = "/api_2"

Document = dict[str, Any]


class Refused(Exception):
    """What API v2 would have refused: its status, its text, and what it says beside that."""

    def __init__(self, status: int, message: str | None = None, **data: Any) -> None:
        super().__init__(message)
        self.status = status
        self.document = None if message is None else {"message": message, **({"data": data} if data else {})}


def created(path: str) -> Reply:
    """The answer to a creation: where the new thing is."""
    return answer(201, None, path, {"Location": API + path})


def done() -> Reply:
    """The answer to a change that says nothing."""
    return answer(204, None, API)


def root() -> Document:
    """The root."""
    return {
        "_links": _links(
            self=f"{API}/",
            **{name: f"{API}/{name}" for name in ("projects", "mock_chroots", "builds", "build_tasks")},
        )
    }


def listing(name: str, items: Iterable[Document], asked: Mapping[str, Any], path: str) -> Document:
    """A collection; `asked`: the options that its address shows."""
    query = urlencode({option: value for option, value in asked.items() if value is not None})
    return {name: list(items), "_links": _links(self=f"{API}{path}{'?' if query else ''}{query}")}


def project(record: Any) -> Document:
    """A project."""
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


def project_chroot(number: int, settings: Any, comps: str | None = None) -> Document:
    """A project's settings for one chroot; API v3 does not tell what is in the comps file."""
    here = f"{API}/projects/{number}"
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
    """A build, of its record, its project's, its source's configuration, and what it made; the last two may
    be None."""
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


def build_task(record: Any, state: str, build_id: int, number: int) -> Document:
    """One chroot's part of a build, in a state; API v3 does not tell the commit that was built."""
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
            project=f"{API}/projects/{number}",
            build=f"{API}/builds/{build_id}",
            self=f"{API}/build_tasks/{build_id}/{record.name}",
        ),
    }


def mock_chroot(name: str) -> Document:
    """A chroot that the service builds for."""
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
    """A chroot's distribution, version and architecture. Raises ValueError where it is no chroot's name."""
    parts = name.rsplit("-", 2)
    if len(parts) != 3 or not all(parts):
        raise ValueError("Chroot identification is not valid")
    return parts


def _links(**addresses: str) -> Document:
    return {name: {"href": address} for name, address in addresses.items()}
