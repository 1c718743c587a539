"""The handles of client v2 for projects and for project chroots.

Rules: those of `handlers`, where the documentation has these classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._calls import path
from .._typing import Any, Protocol
from . import _calls as calls
from ._builds import BuildHandle, BuildTaskHandle, HasBuildTasks
from ._handle import AbstractHandle, CollectionHandle, names_of, number_of
from .entities import ProjectChrootEntity, ProjectCreateEntity, ProjectEntity
from .net_client import NetClient
from .resources import OperationResult, Project, ProjectChroot, ProjectChrootList, ProjectList


class HasHandles(HasBuildTasks, Protocol):
    """A client that has handles for what belongs to a project."""

    @property
    def builds(self) -> BuildHandle:
        """The handle for builds."""

    @property
    def project_chroots(self) -> ProjectChrootHandle:
        """The handle for project chroots."""


class ProjectHandle(CollectionHandle):
    """Projects: look, create, change, delete."""

    _client: HasHandles

    def __init__(self, client: HasHandles, nc: NetClient, root_url: str, projects_href: str) -> None:
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
            chroots=names_of(chroots),
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


def _chroot(project: Project, name: str) -> str:
    return path("projects", project.id, "chroots", name)


ProjectHandle.__module__ = ProjectChrootHandle.__module__ = (
    "copr.client_v2.handlers"  # their documented place
)
