"""What can be asked of a service over API v2: a handle for each kind of resource.

Rules: a method is one call (a creation: two, the second asks for what was created), and makes resources of
its answer. All failures are RequestErrors; what was refused before it was sent is a CoprValidationException.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from .._calls import opened_file, path
from .._errors import CoprValidationException
from .._typing import TYPE_CHECKING, Any
from .._wire import FilePart
from . import _calls as calls
from ._handle import AbstractHandle, CollectionHandle, number_of
from .entities import BuildEntity, ProjectChrootEntity, ProjectCreateEntity, ProjectEntity
from .net_client import NetClient
from .resources import (
    Build,
    BuildList,
    BuildTask,
    BuildTaskList,
    MockChroot,
    MockChrootList,
    OperationResult,
    Project,
    ProjectChroot,
    ProjectChrootList,
    ProjectList,
)

if TYPE_CHECKING:
    from .client import CoprClient

__all__ = [
    "AbstractHandle",
    "BuildHandle",
    "BuildTaskHandle",
    "MockChrootHandle",
    "ProjectChrootHandle",
    "ProjectHandle",
]


class BuildHandle(CollectionHandle):
    """Builds: look, submit, cancel, delete."""

    def __init__(self, client: CoprClient, nc: NetClient, root_url: str, builds_href: str) -> None:
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
        return self._created(calls.create_build(project_id, srpm_url, _names(chroots), enable_net, user))

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
        return self._created(calls.upload_build(project_id, file, _names(chroots), enable_net, user))

    def get_build_tasks_handle(self) -> BuildTaskHandle:
        """The handle of build tasks."""
        return self._client.build_tasks

    def _created(self, call: calls.Answered) -> Build:
        return self.get_one(number_of(self._ask(call)))


class BuildTaskHandle(CollectionHandle):
    """Build tasks: look."""

    def __init__(self, client: CoprClient, nc: NetClient, root_url: str, build_tasks_href: str) -> None:
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


class ProjectHandle(CollectionHandle):
    """Projects: look, create, change, delete."""

    def __init__(self, client: CoprClient, nc: NetClient, root_url: str, projects_href: str) -> None:
        super().__init__(client, nc, root_url, projects_href)

    def get_list(
        self,
        search_query: str | None = None,
        owner: str | None = None,
        name: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
        *,
        group: str | None = None,
    ) -> ProjectList:
        """Ask for projects, in the order of their numbers.

        `search_query`: only those that are found by these words; `owner`: only those of this user, or of a
        group as "@name"; `name`: only those of this name; `limit`: how many, by default 100; `offset`: how
        many to skip; `group`: the same as an `owner` "@group". Words are looked for in projects whose owner
        and name have the given ones as parts.

        Returns a list of projects, empty for an unknown owner. Raises RequestError where the service refuses
        a value or there is no answer. Source: GET /api_2/projects
        """
        if owner and owner.startswith("@"):
            group, owner = owner[1:], None
        options = {
            "search_query": search_query,
            "owner": owner,
            "group": group,
            "name": name,
            "limit": limit,
            "offset": offset,
        }
        return self._list(ProjectList, "/projects", options)

    def get_one(self, project_id: int) -> Project:
        """Ask for a project.

        `project_id`: its number.

        Returns the project. Raises RequestError where there is no such project (404) or no answer. Source:
        GET /api_2/projects/ID
        """
        return self._one(Project, path("projects", project_id))

    def create(
        self,
        name: str,
        owner: str | None,
        chroots: str | Iterable[str],
        description: str | None = None,
        instructions: str | None = None,
        homepage: str | None = None,
        contact: str | None = None,
        disable_createrepo: bool | None = None,
        build_enable_net: bool | None = None,
        repos: Sequence[str] | None = None,
    ) -> Project:
        """Create a project.

        `owner`: the user who asks (None too), or a group as "@name"; `chroots`: names of chroots of the
        service; `homepage`: an address; `contact`: an address, or one for mail; `disable_createrepo`: make
        the repositories' metadata only when asked to; `build_enable_net`: whether builds may use the network;
        `repos`: addresses.

        Returns the new project. Raises CoprValidationException where the homepage is no address, AuthError
        without credentials or permission, RequestError where the name is taken (409) or the service refuses a
        value, NetworkError where it is not reached. Source: POST /api_2/projects
        """
        project = ProjectCreateEntity(
            name=name,
            owner=owner,
            group=owner[1:] if owner and owner.startswith("@") else None,
            chroots=_names(chroots),
            description=description,
            instructions=instructions,
            homepage=homepage,
            contact=contact,
            disable_createrepo=disable_createrepo,
            build_enable_net=build_enable_net,
            repos=repos,
        )
        project.check()
        return self.get_one(number_of(self._ask(calls.create_project(project.to_dict()))))

    def update(self, project_entity: ProjectEntity) -> OperationResult:
        """Change a project.

        `project_entity`: its entity, as it is to be.

        Returns whether it was changed. Raises CoprValidationException where the homepage is no address,
        AuthError without credentials or permission, RequestError where the service refuses a value or there
        is no such project or no answer. Source: PUT /api_2/projects/ID
        """
        project_entity.check()
        endpoint = path("projects", project_entity.id)
        return self._change(calls.put(endpoint, project_entity.to_dict()), 204)

    def delete(self, project_id: int) -> OperationResult:
        """Delete a project with its builds and repositories.

        `project_id`: its number.

        Returns whether it was deleted. Raises AuthError without credentials or permission, RequestError where
        builds are running, or there is no such project or no answer. Source: DELETE /api_2/projects/ID
        """
        return self._change(calls.delete(path("projects", project_id)), 204)

    def get_builds_handle(self) -> BuildHandle:
        """The handle of builds."""
        return self._client.builds

    def get_build_tasks_handle(self) -> BuildTaskHandle:
        """The handle of build tasks."""
        return self._client.build_tasks

    def get_project_chroots_handle(self) -> ProjectChrootHandle:
        """The handle of project chroots."""
        return self._client.project_chroots


class ProjectChrootHandle(AbstractHandle):
    """A project's chroots: look, enable, change, disable."""

    def get_base_url(self, project: Project, **kwargs: Any) -> str:
        """The address of a project's chroots."""
        return self.root_url.rstrip("/") + project.get_href_by_name("chroots")

    def get_one(self, project: Project, name: str) -> ProjectChroot:
        """Ask for a project's settings for one chroot.

        `name`: such as "fedora-42-x86_64".

        Returns the settings. Raises RequestError where the project has no such chroot (404), or there is no
        answer. Source: GET /api_2/projects/ID/chroots/NAME
        """
        return self._one(ProjectChroot, _chroot(project, name), project=project)

    def get_list(self, project: Project) -> ProjectChrootList:
        """Ask for a project's settings for each of its chroots.

        Returns a list of settings. Raises RequestError where there is no such project or no answer. Source:
        GET /api_2/projects/ID/chroots
        """
        call = calls.look_through(path("projects", project.id, "chroots"), "chroots", "chroot")
        return ProjectChrootList.from_response(self, self._ask(call), project)

    def disable(self, project: Project, name: str) -> OperationResult:
        """Take a chroot from a project; one that it does not have is no error.

        Returns whether it was done. Raises AuthError without credentials or permission, RequestError where
        the service knows no such chroot or there is no answer. Source: DELETE /api_2/projects/ID/chroots/NAME
        """
        return self._change(calls.delete(_chroot(project, name)), 204)

    def enable(
        self, project: Project, name: str, buildroot_pkgs: Sequence[str] | None = None
    ) -> OperationResult:
        """Give a project one more chroot.

        `name`: such as "fedora-42-x86_64"; `buildroot_pkgs`: packages that are installed before each build.

        Returns whether it was done. Raises AuthError without credentials or permission, RequestError where
        the project has that chroot (409), the service does not (400), or there is no answer. Source: POST
        /api_2/projects/ID/chroots
        """
        chroot = ProjectChrootEntity(name=name, buildroot_pkgs=list(buildroot_pkgs or ()))
        return self._change(calls.enable_chroot(project.id, chroot.to_dict()), 201)

    def update(self, project: Project, chroot_entity: ProjectChrootEntity) -> OperationResult:
        """Change a project's settings for one chroot.

        `chroot_entity`: the settings' entity, as it is to be.

        Returns whether it was done. Raises AuthError without credentials or permission, RequestError where
        the project has no such chroot or there is no answer. Source: PUT /api_2/projects/ID/chroots/NAME
        """
        endpoint = _chroot(project, chroot_entity.name)
        return self._change(calls.put(endpoint, chroot_entity.to_dict()), 200)


class MockChrootHandle(CollectionHandle):
    """The chroots of the service: look."""

    def get_one(self, name: str) -> MockChroot:
        """Ask for a chroot.

        `name`: such as "fedora-42-x86_64".

        Returns the chroot. Raises RequestError where there is no such chroot, or no answer. Source: GET
        /api_2/mock_chroots/NAME
        """
        return self._one(MockChroot, path("mock_chroots", name))

    def get_list(self, active_only: bool = True) -> MockChrootList:
        """Ask for the chroots of the service.

        `active_only`: only those that builds can use.

        Returns a list of chroots. Raises RequestError where there is no answer. Source: GET
        /api_2/mock_chroots
        """
        options = {"active_only": active_only}
        return self._list(MockChrootList, "/mock_chroots", options)


def _names(chroots: str | Iterable[str] | None) -> list[str]:
    """A list of names; a text is one name."""
    return [chroots] if isinstance(chroots, str) else list(chroots or ())


def _chroot(project: Project, name: str) -> str:
    return path("projects", project.id, "chroots", name)
