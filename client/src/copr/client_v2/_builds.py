"""The handles of client v2 for builds and for build tasks.

Rules: those of `handlers`, where the documentation has these classes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import BinaryIO

from .._calls import opened_file, path
from .._errors import CoprValidationException
from .._typing import Protocol
from .._wire import FilePart
from . import _calls as calls
from ._handle import CollectionHandle, Sender, names_of, number_of
from .entities import BuildEntity
from .net_client import NetClient
from .resources import Build, BuildList, BuildTask, BuildTaskList, OperationResult


class HasBuildTasks(Sender, Protocol):
    """A client that has a handle for build tasks."""

    @property
    def build_tasks(self) -> BuildTaskHandle:
        """The handle for build tasks."""


class BuildHandle(CollectionHandle):
    """Builds: look, submit, cancel, delete."""

    _client: HasBuildTasks

    def __init__(self, client: HasBuildTasks, nc: NetClient, root_url: str, builds_href: str) -> None:
        super().__init__(client, nc, root_url, builds_href)

    def get_one(self, build_id: int) -> Build:
        """Ask for a build.

        `build_id`: its number.

        Returns the build. Raises RequestError where there is no such build (404) or no answer. Source: GET
        /api_2/builds/ID
        """
        return self._one(Build, path("builds", build_id))

    def get_list(
        self,
        project_id: int | None = None,
        owner: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> BuildList:
        """Ask for builds, newest first.

        `project_id`: only those of this project; `owner`: only those in this user's projects; `limit`: how
        many, at most and by default 100; `offset`: how many to skip.

        Returns a list of builds. Raises RequestError where there is no such project or owner, or no answer.
        Source: GET /api_2/builds
        """
        options = {"project_id": project_id, "owner": owner, "limit": limit, "offset": offset}
        return self._list(BuildList, "/builds", options)

    def cancel(self, build_entity: BuildEntity) -> OperationResult:
        """End a build that is not over yet.

        `build_entity`: the build, or its entity.

        Returns whether it was cancelled. Raises AuthError without credentials or permission, RequestError
        where the build is over already, or there is no such build or no answer. Source: PUT /api_2/builds/ID
        """
        endpoint = path("builds", build_entity.id)
        return self._change(calls.put(endpoint, {"state": "canceled"}, repeatable=False), 201)

    def delete(self, build_id: int) -> OperationResult:
        """Delete a build that is over, with its packages.

        `build_id`: its number.

        Returns whether it was deleted. Raises AuthError without credentials or permission, RequestError where
        the build is not over, or there is no such build or no answer. Source: DELETE /api_2/builds/ID
        """
        return self._change(calls.delete(path("builds", build_id)), 204)

    def create_from_url(
        self,
        project_id: int,
        srpm_url: str,
        chroots: str | Iterable[str] | None = None,
        enable_net: bool = True,
    ) -> Build:
        """Submit a build of a source RPM, by address.

        `project_id`: the project's number; `srpm_url`: an address that the service can reach; `chroots`:
        names, default all of the project; `enable_net`: whether the build may use the network.

        Returns the new build. Raises AuthError without credentials or permission, RequestError where there is
        no such project or the service refuses a value, NetworkError where it is not reached,
        SubmissionUnknown where the answer was lost. Source: POST /api_2/builds
        """
        user = self._client.username
        return self._created(calls.create_build(project_id, srpm_url, names_of(chroots), enable_net, user))

    def create_from_file(
        self,
        project_id: int,
        file_path: str | os.PathLike[str] | None = None,
        file_obj: BinaryIO | None = None,
        file_name: str | None = None,
        chroots: str | Iterable[str] | None = None,
        enable_net: bool = True,
    ) -> Build:
        """Submit a build of a local source RPM.

        `project_id`: the project's number; `file_path`: the file, or `file_obj`: what it can be read from,
        and `file_name`: its name; the other parameters are those of `create_from_url`.

        Returns the new build. Raises CoprValidationException where the file cannot be read or is not given,
        and what `create_from_url` raises. Source: POST /api_2/builds, multipart
        """
        if file_path is not None:
            name = file_name or os.path.basename(os.fspath(file_path))
            file = FilePart("srpm", file_path, name, "application/x-rpm")
        elif file_obj is not None and file_name:
            file = opened_file("srpm", file_obj, file_name, "application/x-rpm")
        else:
            raise CoprValidationException("Give a file_path, or a file_obj and its file_name.")
        user = self._client.username
        return self._created(calls.upload_build(project_id, file, names_of(chroots), enable_net, user))

    def get_build_tasks_handle(self) -> BuildTaskHandle:
        """The handle of build tasks."""
        return self._client.build_tasks

    def _created(self, call: calls.Answered) -> Build:
        return self.get_one(number_of(self._ask(call)))


class BuildTaskHandle(CollectionHandle):
    """Build tasks: look."""

    def __init__(self, client: Sender, nc: NetClient, root_url: str, build_tasks_href: str) -> None:
        super().__init__(client, nc, root_url, build_tasks_href)

    def get_list(
        self,
        owner: str | None = None,
        project_id: int | None = None,
        build_id: int | None = None,
        state: str | None = None,
        offset: int | None = None,
        limit: int | None = None,
    ) -> BuildTaskList:
        """Ask for build tasks.

        `owner`: only those in this user's projects; `project_id`: only those of this project, whatever the
        owner; `build_id`: only those of this build, whatever the rest; `state`: only those in this state (see
        BuildStateValues); `limit`: how many, at most and by default 100; `offset`: how many to skip.

        Returns a list of build tasks, empty for what is not there. Raises RequestError where the service
        knows no such state, or there is no answer. Source: GET /api_2/build_tasks
        """
        options = {
            "owner": owner,
            "project_id": project_id,
            "build_id": build_id,
            "state": state,
            "limit": limit,
            "offset": offset,
        }
        return self._list(BuildTaskList, "/build_tasks", options)

    def get_one(self, build_id: int, chroot_name: str) -> BuildTask:
        """Ask for one chroot's part of a build.

        `build_id`: the build's number; `chroot_name`: such as "fedora-42-x86_64".

        Returns the build task. Raises RequestError where there is no such task, or no answer. Source: GET
        /api_2/build_tasks/ID/CHROOT
        """
        return self._one(BuildTask, path("build_tasks", build_id, chroot_name))


BuildHandle.__module__ = BuildTaskHandle.__module__ = "copr.client_v2.handlers"  # their documented place
