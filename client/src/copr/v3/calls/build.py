"""Calls on builds: submit, look, list."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..._calls import listing, path, record
from ..._wire import Call, FilePart

if TYPE_CHECKING:
    from ..._list import List
    from ...results import Build


def get(build_id: int) -> Call[Build]:
    """Ask for a build.

    `build_id`: its number.

    Returns the build's record, with its times in unix time, UTC.

    Raises CoprNoResultException where there is no such build, CoprConnectionException or CoprTimeoutException
    where there is no answer. Source: GET /build/ID
    """
    return Call("GET", path("build", build_id), decode=record)


def get_list(
    ownername: str,
    projectname: str,
    packagename: str | None = None,
    status: str | None = None,
    pagination: Mapping[str, Any] | None = None,
) -> Call[List[Build]]:
    """Ask for a project's builds, newest first.

    `ownername`: a user, or a group as "@name"; `packagename`, `status` (a build's `state`): only such builds;
    `pagination`: `limit` and `offset` (counts). The service ignores `order` here.

    Returns a list of builds; its `meta` has `limit`, `offset`, `order`, `order_type`.

    Raises CoprNoResultException where there is no such project, CoprRequestException where the service
    refuses, CoprConnectionException or CoprTimeoutException where there is no answer. Source: GET /build/list
    """
    query = {
        "ownername": ownername,
        "projectname": projectname,
        "packagename": packagename,
        "status": status,
        **(pagination or {}),
    }
    return Call("GET", "/build/list", query=query, decode=listing)


def create_from_file(
    ownername: str,
    projectname: str,
    path: str | os.PathLike[str],
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[Build]:
    """Submit a build of a local source RPM or spec file.

    `ownername`: a user, or a group as "@name"; `path`: the file; `buildopts`: build options, among them
    `chroots` (names), `timeout` (seconds), `background` (bool), and `progress_callback`, called with a
    MultipartEncoderMonitor (`bytes_read` of `len` bytes) for each block that is sent; `project_dirname`: a
    directory of the project, as "project:custom:name".

    Returns the new build.

    Raises CoprValidationException where the file cannot be read, CoprAuthException without credentials or
    permission, CoprNoResultException where there is no such project, CoprRequestException where the service
    refuses the file or an option, CoprConnectionException or CoprTimeoutException where there is no answer
    (the build may have been made all the same). Source: POST /build/create/upload
    """
    options = dict(buildopts or {})
    progress = options.pop("progress_callback", None)
    document = {
        "ownername": ownername,
        "projectname": projectname,
        "project_dirname": project_dirname,
        **options,
    }
    part = FilePart("pkgs", path, os.path.basename(os.fspath(path)), "application/x-rpm")
    return Call(
        "POST",
        "/build/create/upload",
        json=document,
        files=[part],
        progress=progress,
        login=True,
        decode=record,
    )
