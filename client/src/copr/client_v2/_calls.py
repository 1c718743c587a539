"""The calls of API v2, as values.

Rules: each returns the service's answer as a ResponseWrapper; resources are made of that elsewhere. Nothing
that makes something new is sent twice. Source: the documentation of API v2, /api_2.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from email.utils import parsedate_to_datetime
from functools import cache

from .._calls import path
from .._errors import misread
from .._submission import Submission
from .._typing import Any
from .._wire import NOW, Call, FilePart, Reply, Step
from .net_client import ResponseWrapper, answered

#: Where API v2 is, below the service's address.
API = "/api_2"

#: Seconds that the service's clock, cut to whole seconds, may seem behind.
SLACK = 2

Answered = Call[ResponseWrapper]


def root() -> Answered:
    """Ask what there is. Source: GET /"""
    return look("/", "_links")


def look(endpoint: str, holds: str) -> Answered:
    """Ask for one resource by its path; its document `holds` it under that name."""
    return Call("GET", API + endpoint, decode=holding(holds))


def look_through(endpoint: str, holds: str, each: str, query: Mapping[str, Any] | None = None) -> Answered:
    """Ask for a collection; its document `holds` a list, of documents that hold `each`."""
    return Call("GET", API + endpoint, query=query, decode=holding(holds, each))


@cache
def holding(name: str, each: str | None = None) -> Callable[[Call[Any], Reply], ResponseWrapper]:
    """A reader of answers that hold what their resource is made of, so that nothing else becomes one."""

    def decode(call: Call[Any], reply: Reply) -> ResponseWrapper:
        response = answered(call, reply)
        found = response.json.get(name) if isinstance(response.json, dict) else None
        if each is None and not isinstance(found, dict):
            raise misread(call, reply, f"it has no {name}")
        if each is not None and not (
            isinstance(found, list)
            and all(isinstance(item, dict) and isinstance(item.get(each), dict) for item in found)
        ):
            raise misread(call, reply, f"it has no list of {name}")
        return response

    return decode


def create_project(project: Mapping[str, Any]) -> Answered:
    """Create a project. Source: POST /projects"""
    if project["owner"] is None:
        return Submission("POST", f"{API}/projects", json=project, decode=answered)
    query = _owned_by(project["owner"])
    again = look_through("/projects", "projects", "project", {**query, "name": project["name"], "limit": 2})

    def search(sent_at: float) -> Generator[Step, Any, list[Any]]:
        found = yield from again
        same = [each for each in found.json["projects"] if _is_as_asked(each["project"], project)]
        return [_made(found, each) for each in same]

    return Submission("POST", f"{API}/projects", json=project, search=search, decode=answered)


def create_build(
    project_id: int, srpm_url: str, chroots: list[str], enable_net: bool, submitter: str | None
) -> Answered:
    """Submit a build of a source RPM's address; `submitter`: whose login is used, if known.

    Source: POST /builds
    """
    document = {"project_id": project_id, "srpm_url": srpm_url, "chroots": chroots, "enable_net": enable_net}
    search = _new_builds(project_id, {"url": srpm_url}, submitter)
    return Submission("POST", f"{API}/builds", json=document, search=search, decode=answered)


def upload_build(
    project_id: int, file: FilePart, chroots: list[str], enable_net: bool, submitter: str | None
) -> Answered:
    """Submit a build of a local source RPM, the part `srpm`.

    Source: POST /builds, multipart
    """
    metadata = {"project_id": project_id, "chroots": chroots, "enable_net": enable_net}
    return Submission(
        "POST",
        f"{API}/builds",
        form={"metadata": json.dumps(metadata)},
        files=[file],
        search=_new_builds(project_id, {"pkg": file.filename}, submitter),
        decode=answered,
    )


def put(endpoint: str, document: Mapping[str, Any], repeatable: bool = True) -> Answered:
    """Change something, by its path."""
    return Call("PUT", API + endpoint, json=document, login=True, repeatable=repeatable, decode=answered)


def enable_chroot(project_id: int, chroot: Mapping[str, Any]) -> Answered:
    """Give a project one more chroot. Source: POST /projects/ID/chroots"""
    endpoint = API + path("projects", project_id, "chroots")
    return Call("POST", endpoint, json=chroot, login=True, decode=answered)


def delete(endpoint: str) -> Answered:
    """Delete something, by its path."""
    return Call("DELETE", API + endpoint, login=True, decode=answered)


def _owned_by(owner: str) -> dict[str, str]:
    return {"group": owner[1:]} if owner.startswith("@") else {"owner": owner}


def _is_as_asked(found: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether a project is the one that was to be created, as far as it shows."""
    return all(
        found[name] == value
        for name, value in asked.items()
        if name in found and name != "id" and value is not None
    )


def _new_builds(project_id: int, source: Mapping[str, Any], submitter: str | None) -> Any:
    """A search for the build of a submission whose answer was lost.

    A build counts as ours if it is as new, by the service's own clock, and of the same submitter and source.
    API v2 does not tell who asks, so without a configured user name none does.
    """
    again = look_through("/builds", "builds", "build", {"project_id": project_id, "limit": 100})

    def search(sent_at: float) -> Generator[Step, Any, list[Any]]:
        found = yield from again
        served_at = found.headers.get("Date")
        if served_at is None:
            return []  # without the service's clock, an older build could pass for this one
        since = parsedate_to_datetime(served_at).timestamp() - ((yield NOW) - sent_at) - SLACK
        return [
            _made(found, each)
            for each in found.json["builds"]
            if (each["build"]["submitted_on"] or 0) >= since
            and each["build"]["submitter"] == submitter
            and source.items() <= (each["build"]["source_metadata"] or {}).items()
        ]

    return search


def _made(page: ResponseWrapper, found: Mapping[str, Any]) -> ResponseWrapper:
    """The answer that was lost, as far as it is known now: where the new thing is."""
    location = found["_links"]["self"]["href"]
    return ResponseWrapper(Reply(201, "CREATED", page.response.url, {"Location": location}, b""))
