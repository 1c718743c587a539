"""The calls of API v2, as values.

Rules: each call returns the service's response as a ResponseWrapper; other modules make resources of it. A
call that makes something new is never sent twice. Source: the documentation of API v2, /api_2.
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

#: Path of API v2 on the service.
API = "/api_2"

#: Seconds that the service's clock may seem late: it is cut to whole seconds.
SLACK = 2

Answered = Call[ResponseWrapper]


def root() -> Answered:
    """Return the call for the root of the API, which has links to the resources.

    :returns: the call.
    :source: ``GET /api_2/``
    """
    return get("/", "_links")


def get(endpoint: str, holds: str) -> Answered:
    """Return the call for one resource.

    :param endpoint: path of the resource below `/api_2`.
    :param holds: field of the response that has the resource.
    :returns: the call.
    """
    return Call("GET", API + endpoint, decode=holding(holds))


def get_list(endpoint: str, holds: str, each: str, query: Mapping[str, Any] | None = None) -> Answered:
    """Return the call for a list of resources.

    :param endpoint: path of the resources below `/api_2`.
    :param holds: field of the response that has the list.
    :param each: field of each item that has the resource.
    :param query: arguments of the query.
    :returns: the call.
    """
    return Call("GET", API + endpoint, query=query, decode=holding(holds, each))


@cache
def holding(name: str, each: str | None = None) -> Callable[[Call[Any], Reply], ResponseWrapper]:
    """Return a reader that checks that a response has the field of its resource, or of its list.

    :param name: the field of the response.
    :param each: the field of each item of a list; None if the response is one resource.
    :returns: the reader. It raises CoprUnknownResponseException if a field is missing.
    """

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
    """Return the call that creates a project.

    :param project: the fields of the project.
    :returns: the call. If its response is lost, the project is searched for.
    :source: ``POST /api_2/projects``
    """
    if project["owner"] is None:
        return Submission("POST", f"{API}/projects", json=project, decode=answered)
    query = _owned_by(project["owner"])
    listing = get_list("/projects", "projects", "project", {**query, "name": project["name"], "limit": 2})

    def search(sent_at: float) -> Generator[Step, Any, list[Any]]:
        found = yield from listing
        same = [each for each in found.json["projects"] if _is_as_requested(each["project"], project)]
        return [_made(found, each) for each in same]

    return Submission("POST", f"{API}/projects", json=project, search=search, decode=answered)


def create_build(
    project_id: int, srpm_url: str, chroots: list[str], enable_net: bool, submitter: str | None
) -> Answered:
    """Return the call that submits a build of a source RPM, by its URL.

    :param project_id: id of the project.
    :param srpm_url: URL of the source RPM.
    :param chroots: names of chroots to build in.
    :param enable_net: whether the build may use the network.
    :param submitter: name of the user who sends the request, or None if it is not known.
    :returns: the call. If its response is lost, the build is searched for.
    :source: ``POST /api_2/builds``
    """
    document = {
        "project_id": int(project_id),
        "srpm_url": str(srpm_url),
        "chroots": chroots,
        "enable_net": bool(enable_net),
    }
    search = _new_builds(project_id, {"url": srpm_url}, submitter)
    return Submission("POST", f"{API}/builds", json=document, search=search, decode=answered)


def upload_build(
    project_id: int, file: FilePart, chroots: list[str], enable_net: bool, submitter: str | None
) -> Answered:
    """Return the call that submits a build of a local source RPM.

    :param project_id: id of the project.
    :param file: the part `srpm` of the multipart body.
    :param chroots: names of chroots to build in.
    :param enable_net: whether the build may use the network.
    :param submitter: name of the user who sends the request, or None if it is not known.
    :returns: the call. If its response is lost, the build is searched for.
    :source: ``POST /api_2/builds`` (multipart)
    """
    document = {"project_id": int(project_id), "chroots": chroots, "enable_net": bool(enable_net)}
    metadata = FilePart("metadata", "", None, "application/json", json.dumps(document).encode())
    return Submission(
        "POST",
        f"{API}/builds",
        form={"metadata": metadata, "srpm": file},
        files=(),
        search=_new_builds(project_id, {"pkg": file.filename}, submitter),
        decode=answered,
    )


def put(endpoint: str, document: Mapping[str, Any], repeatable: bool = True) -> Answered:
    """Return the call that changes a resource.

    :param endpoint: path of the resource below `/api_2`.
    :param document: the JSON body.
    :param repeatable: whether the call may be sent twice.
    :returns: the call.
    """
    return Call("PUT", API + endpoint, json=document, login=True, repeatable=repeatable, decode=answered)


def enable_chroot(project_id: int, chroot: Mapping[str, Any]) -> Answered:
    """Return the call that adds a chroot to a project.

    :param project_id: id of the project.
    :param chroot: the fields of the chroot.
    :returns: the call.
    :source: ``POST /api_2/projects/{project_id}/chroots``
    """
    endpoint = API + path("projects", project_id, "chroots")
    return Call("POST", endpoint, json=chroot, login=True, decode=answered)


def delete(endpoint: str) -> Answered:
    """Return the call that deletes a resource.

    :param endpoint: path of the resource below `/api_2`.
    :returns: the call.
    """
    return Call("DELETE", API + endpoint, login=True, decode=answered)


def _owned_by(owner: str) -> dict[str, str]:
    """Return the query arguments that select an owner."""
    return {"group": owner[1:]} if owner.startswith("@") else {"owner": owner}


def _is_as_requested(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Return whether a project has the fields of a request that creates one, as far as it shows them."""
    return all(
        found[name] == value
        for name, value in wanted.items()
        if name in found and name != "id" and value is not None
    )


def _new_builds(project_id: int, source: Mapping[str, Any], submitter: str | None) -> Any:
    """Return a search for the build of a submission whose response was lost.

    A build is a match if it is at least as new as the submission (by the service's clock), and has the same
    submitter and source. API v2 does not tell the user of the credentials, so without a configured username
    the search is left to API v3: see `copr._bridge.recovery`.
    """
    if submitter is None:
        return None
    listing = get_list("/builds", "builds", "build", {"project_id": project_id, "limit": 100})

    def search(sent_at: float) -> Generator[Step, Any, list[Any]]:
        found = yield from listing
        served_at = found.headers.get("Date")
        if served_at is None:
            return []  # without the service's clock, an older build could be taken for this one
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
    """Return a response in place of the lost one, with the URL of the new thing."""
    location = found["_links"]["self"]["href"]
    return ResponseWrapper(Reply(201, "CREATED", page.response.url, {"Location": location}, b""))
