"""The handles of client v2 for builds and for build tasks.

Rules: those of `handlers`, where the documentation has these classes.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import BinaryIO

from .._calls import opened_file, path
from .._errors import CoprValidationException
from .._typing import Protocol, evaluable
from .._wire import FilePart
from . import _calls as calls
from ._handle import CollectionHandle, Sender, names_of, number_of
from .entities import BuildEntity
from .net_client import NetClient
from .resources import Build, BuildList, BuildTask, BuildTaskList, OperationResult

#: The content type of a source RPM, as the released client spells it.
UPLOAD_TYPE = "appliction/x-rpm"


class HasBuildTasks(Sender, Protocol):
    """A client that has a handle for build tasks."""

    @property
    def build_tasks(self) -> BuildTaskHandle:
        """The handle for build tasks."""


class BuildHandle(CollectionHandle):
    """Methods for builds: read, submit, cancel and delete.

    :param client: the client, which sends the calls.
    :param nc: the login and token of the client.
    :param root_url: URL of the service.
    :param builds_href: path of the resources on the service.
    """

    _client: HasBuildTasks

    def __init__(self, client: HasBuildTasks, nc: NetClient, root_url: str, builds_href: str) -> None:
        super().__init__(client, nc, root_url, builds_href)

    def get_one(self, build_id: int) -> Build:
        """Return one build.

        :param build_id: id of the build.
        :returns: the build.
        :raises RequestError: no build has this id, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/builds/{build_id}``
        """
        return self._one(Build, path("builds", build_id))

    def get_list(
        self,
        project_id: int | None = None,
        owner: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> BuildList:
        """Return builds, newest first.

        :param project_id: return only builds of this project.
        :param owner: return only builds in this user's projects.
        :param limit: largest number of builds on the page. Default: 100.
        :param offset: number of builds before the page.
        :returns: a list of builds.
        :raises RequestError: the project or the owner does not exist, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/builds``
        """
        options = {"project_id": project_id, "owner": owner, "limit": limit, "offset": offset}
        return self._list(BuildList, "/builds", options)

    def cancel(self, build_entity: BuildEntity) -> OperationResult:
        """Cancel a build that has not finished.

        :param build_entity: the build, or its entity. Only its `id` is used.
        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: no build has this id, it has already finished, or the service reports another
            error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``PUT /api_2/builds/{id}``
        """
        endpoint = path("builds", build_entity.id)
        # API v2 responds 201 to this, although nothing is created.
        return self._change(calls.put(endpoint, {"state": "canceled"}, repeatable=False), 201)

    def delete(self, build_id: int) -> OperationResult:
        """Delete a finished build and its packages.

        :param build_id: id of the build.
        :returns: a result; its `is_successful()` tells whether the service did it.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: no build has this id, it has not finished, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``DELETE /api_2/builds/{build_id}``
        """
        return self._change(calls.delete(path("builds", build_id)), 204)

    def create_from_url(
        self,
        project_id: int,
        srpm_url: str,
        chroots: str | Iterable[str] | None = None,
        enable_net: bool = True,
    ) -> Build:
        """Submit a build of a source RPM, by its URL.

        :param project_id: id of the project.
        :param srpm_url: URL that the service can download.
        :param chroots: names of chroots to build in, or one name. Default: all chroots of the project.
        :param enable_net: whether the build may use the network.
        :returns: the new build.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the project does not exist, the service refuses a value, or the service reports
            another error.
        :raises SubmissionUnknown: the response was lost, and a search for the result found nothing.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``POST /api_2/builds``
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

        Pass either `file_path`, or `file_obj` and `file_name`.

        :param project_id: id of the project.
        :param file_path: path of the file.
        :param file_obj: the file, open in binary mode.
        :param file_name: name of the file. Default: the last part of `file_path`.
        :param chroots: names of chroots to build in, or one name. Default: all chroots of the project.
        :param enable_net: whether the build may use the network.
        :returns: the new build.
        :raises CoprValidationException: no file is given, or it cannot be read.
        :raises AuthError: no credentials are configured, the service does not accept them, or the user has no
            permission.
        :raises RequestError: the project does not exist, the service refuses a value, or the service reports
            another error.
        :raises SubmissionUnknown: the response was lost, and a search for the result found nothing.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``POST /api_2/builds``
        """
        if file_path is not None:
            name = file_name or os.path.basename(os.fspath(file_path))
            file = FilePart("srpm", file_path, name, UPLOAD_TYPE)
        elif file_obj is not None and file_name:
            file = opened_file("srpm", file_obj, file_name, UPLOAD_TYPE)
        else:
            raise CoprValidationException("No file is given. Pass file_path, or file_obj and file_name.")
        user = self._client.username
        return self._created(calls.upload_build(project_id, file, names_of(chroots), enable_net, user))

    def get_build_tasks_handle(self) -> BuildTaskHandle:
        """Return the handle for build tasks.

        :returns: the handle.
        """
        return self._client.build_tasks

    def _created(self, call: calls.Answered) -> Build:
        """Send a call that submits a build, and return the new build."""
        return self.get_one(number_of(self._ask(call)))


class BuildTaskHandle(CollectionHandle):
    """Methods for build tasks.

    A build task is the part of a build that is for one chroot.

    :param client: the client, which sends the calls.
    :param nc: the login and token of the client.
    :param root_url: URL of the service.
    :param build_tasks_href: path of the resources on the service.
    """

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
        """Return build tasks.

        :param owner: return only tasks in this user's projects.
        :param project_id: return only tasks of this project. `owner` is ignored then.
        :param build_id: return only tasks of this build. `owner` and `project_id` are ignored then.
        :param state: return only tasks in this state (see BuildStateValues).
        :param offset: number of tasks before the page.
        :param limit: largest number of tasks on the page. Default: 100.
        :returns: a list of build tasks, empty if the owner, the project or the build does not exist.
        :raises RequestError: the service does not know the state, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/build_tasks``
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
        """Return one build task.

        :param build_id: id of the build.
        :param chroot_name: name of the chroot, such as "fedora-45-x86_64".
        :returns: the build task.
        :raises RequestError: no build has this id, or the build is not for this chroot, or the service
            reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/build_tasks/{build_id}/{chroot_name}``
        """
        return self._one(BuildTask, path("build_tasks", build_id, chroot_name))


evaluable(__name__)
BuildHandle.__module__ = BuildTaskHandle.__module__ = "copr.client_v2.handlers"  # their documented place
